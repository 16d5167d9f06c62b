"""Facts of a text: numbers, dates and names, looked up in an article; and the people, organisations and places of one.

`check` compares a summary with its article, `entities` lists what an article names. Both load their dictionaries and
models on first use.
"""

from svodka.facts.check import Fact, FactCheck, check_facts

__all__ = ["Fact", "FactCheck", "check_facts"]
