"""Tag sets: the tags that a newsroom names itself. Read and checked without torch."""

from svodka.tagsets.choice import TagChoice
from svodka.tagsets.reading import read_tag_set
from svodka.tagsets.record import NamedTag, TagSet

__all__ = ["NamedTag", "TagChoice", "TagSet", "read_tag_set"]
