"""Of a vocabulary of several outlets only the tags that one of them uses: of the others its articles say nothing."""

from dataclasses import replace

from svodka.answers import Scored
from svodka.labels import TagVocabulary


def scored_labels(labels: TagVocabulary, outlet: str) -> TagVocabulary:
    """The tags that an outlet uses and that a reader is given, in the vocabulary's order.

    Args:
        labels: a bundle's vocabulary; one of a single outlet is whole whatever `outlet` is.
        outlet: the prepared folder's name.
    """
    used = zip(labels.names, labels.known(outlet), strict=True)
    names = tuple(name for name, known in used if known and name not in labels.house)
    aliases = {spelling: tag for spelling, tag in labels.aliases.items() if tag in set(names)}
    return TagVocabulary(names, aliases)


def of_outlet(found: Scored, labels: TagVocabulary, part: TagVocabulary) -> Scored:
    """An answer with the tags of `part` alone, as given and as scored.

    Args:
        found: what a model of `labels` made of an article.
        labels: its vocabulary.
        part: what `scored_labels` gave of it.
    """
    if len(part) == len(labels):
        return found
    given = tuple(tag for tag in found.annotation.tags if part.resolve(tag.name))
    scores = found.tags[[labels.index[name] for name in part.names]]
    return replace(found, annotation=replace(found.annotation, tags=given), tags=scores)
