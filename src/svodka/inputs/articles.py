"""The articles of inputs for commands that look at all of them together."""

from collections.abc import Iterator

from svodka.article import Article
from svodka.inputs.readers import read_rows
from svodka.inputs.reject import Reject
from svodka.inputs.rows import Reading, read_row
from svodka.inputs.sources import Inputs
from svodka.inputs.streams import Meter
from svodka.labels import TagVocabulary
from svodka.visible import tell, visible


def read_articles(inputs: Inputs, labels: TagVocabulary, refused: list[Reject]) -> Iterator[Article]:
    """The articles in order; what could not be read is told on standard error and put into `refused`.

    Args:
        inputs: what to read.
        labels: the vocabulary by which a page's line of tags is split.
        refused: takes what could not be read.

    Raises:
        DataError: an input that breaks off.
    """
    reading, meter = Reading(labels, inputs.fields), Meter()
    for source in inputs.sources():
        for row in read_rows(source, meter):
            item = read_row(row, reading)
            if isinstance(item, Reject):
                refused.append(item)
                tell(visible(f"{item.where}: {item.detail}"))
            else:
                yield item
