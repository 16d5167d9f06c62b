"""From scores and a decoder's text to a summary or a headline that can be printed as it is."""

from svodka.summaries.make import clean_written, summary

__all__ = ["clean_written", "summary"]
