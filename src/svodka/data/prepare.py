"""From sources to a prepared folder: read, tidy, group near-duplicates, split, count tags, check, write."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from svodka.article import Article
from svodka.config.data import DataConfig, SourceConfig, TagConfig
from svodka.data.duplicates import groups, near_duplicates
from svodka.data.leaks import check_leaks
from svodka.data.made_of import files_of, hashes_of
from svodka.data.sources import origin_of, read_source
from svodka.data.splits import SPLITS, split_of_each
from svodka.data.store import TOPIC_COLUMNS, Manifest, check_replaceable, languages_of, save
from svodka.data.tidy import TagSpelling, Tally, refusal, tidy
from svodka.data.topic_map import TopicMap
from svodka.errors import DataError
from svodka.inputs.days import day_of
from svodka.inputs.reject import Reject
from svodka.labels import TagVocabulary, read_aliases

_UNRESOLVED_SHOWN = 50
_RARE_SHOWN = 100
# Where a source keeps labels that are no tags: a string or a list of them.
_RUBRICS = ("section", "rubric", "themes")


def prepare(config: DataConfig) -> Manifest:
    """Read the sources and write the prepared folder, whole or not at all.

    Returns:
        The manifest, with every count.

    Raises:
        ConfigError: the aliases file or the topic map cannot be used, or something else than prepared data lies where
            the folder is to be.
        DataError: a source cannot be read, nothing is left, the splits cannot be filled, or a leak was found.
    """
    check_replaceable(config.output, files_of(config).values())
    aliases = read_aliases(config.tags.aliases) if config.tags.aliases else {}
    made_of = hashes_of(config)  # before they are read: what changes meanwhile is then noticed
    tally = Tally()
    articles, sources = _read(config, aliases, tally)
    if not articles:
        raise DataError(f"no article is left of {tally.read} read; dropped: {_told(tally)}")
    articles = _unique_ids(articles, tally)
    articles, pairs, near = _grouped(articles, config, tally)
    group = groups(len(articles), pairs)
    splits = split_of_each(articles, group, config.split)
    counts = Counter(tag for i, article in enumerate(articles) if splits[i] == "train" for tag in article.tags)
    labels = _vocabulary(counts, config.tags, aliases)
    check_leaks(articles, splits, pairs)
    kept = [i for i, article in enumerate(articles) if _wanted(article, labels, config, tally)]
    rows = {name: [(articles[i], group[i]) for i in kept if splits[i] == name] for name in SPLITS}
    facts = _facts(config, tally, sources) | {
        "near_duplicates": near,
        "languages": languages_of(articles[i] for i in kept),
        "made_of": made_of,
        "rare_tags": _rare(counts, labels),
    }
    return save(config.output, rows, labels, facts)


def _told(tally: Tally) -> str:
    """Why rows were dropped, for people: each reason with its commonest details and a place."""
    details = tally.told()
    reasons = []
    for reason, n in tally.dropped.most_common():
        commonest = "; ".join(f"{one['detail']} ({one['count']}, as {one['where']})" for one in details.get(reason, ()))
        reasons.append(f"{reason} {n}" + (f": {commonest}" if commonest else ""))
    return " | ".join(reasons) or "nothing"


def _read(config: DataConfig, aliases: Mapping[str, str], tally: Tally) -> tuple[list[Article], list[dict[str, Any]]]:
    spelling = TagSpelling.of(config.tags, aliases)
    topics = TopicMap.read(config.topics) if config.topics else TopicMap({})
    articles: list[Article] = []
    sources = []
    # A page's line of tags is split by the tags of the other sources, so pages come last.
    for source in sorted(config.sources, key=lambda source: source.kind == "pages"):
        before = tally.read
        tidied = _tidied(source, spelling, _known_tags(articles, aliases), config=config, tally=tally)
        articles.extend(_with_topics(article, labels, topics) for article, labels in tidied)
        origin = origin_of(source)
        sources.append(
            {"name": origin.name, "origin": origin.origin, "licence": origin.licence, "read": tally.read - before}
        )
    return articles, sources


def _tidied(
    source: SourceConfig, spelling: TagSpelling, known: TagVocabulary, *, config: DataConfig, tally: Tally
) -> Iterator[tuple[Article, list[str]]]:
    """Articles in order, each with the labels that its source gave it: dropped tags and rubrics tell a topic too."""
    for item in read_source(source, known):
        tally.read += 1
        if isinstance(item, Reject):
            tally.drop(item.reason, detail=item.detail, where=item.where)
            continue
        tally.unresolved.update(item.extra.get("unresolved_tags", ()))
        article = tidy(item, spelling, tally)
        reason = refusal(article, config.filter)
        if not reason and config.split.by == "date" and article.date and not day_of(article.date):
            reason = "date that cannot be ordered"
        if reason:
            detail = f"date {article.date!r} is no day as 2026-11-25 or 25.11.2026" if "date" in reason else ""
            tally.drop(reason, detail=detail, where=article.id)
        else:
            yield article, [*item.tags, *article.tags, *_rubrics(item)]


def _rubrics(article: Article) -> Iterator[str]:
    for name in _RUBRICS:
        value = article.extra.get(name, ())
        yield from [value] if isinstance(value, str) else value


def _with_topics(article: Article, labels: Sequence[str], topics: TopicMap) -> Article:
    # A source that knows its topics itself has stated them.
    if any(name in article.extra for name in TOPIC_COLUMNS):
        return article
    return replace(article, extra={**article.extra, **dict(zip(TOPIC_COLUMNS, topics.of(labels), strict=True))})


def _known_tags(articles: Sequence[Article], aliases: Mapping[str, str]) -> TagVocabulary:
    counts = Counter(tag for article in articles for tag in article.tags) + Counter(set(aliases.values()))
    return TagVocabulary.from_counts(counts, aliases=aliases)


def _unique_ids(articles: list[Article], tally: Tally) -> list[Article]:
    taken: set[str] = set()
    unique = []
    for article in articles:
        name, n = article.id, 1
        while name in taken:
            n += 1
            name = f"{article.id}~{n}"
        taken.add(name)
        tally.mended["doubled id renamed"] += n > 1
        unique.append(replace(article, id=name) if n > 1 else article)
    return unique


def _grouped(
    articles: list[Article], config: DataConfig, tally: Tally
) -> tuple[list[Article], list[tuple[int, int]], int]:
    pairs = near_duplicates([article.text for article in articles], config.duplicates)
    pairs += _stated_groups(articles)
    first = groups(len(articles), pairs)
    near = sum(group != i for i, group in enumerate(first))
    if config.duplicates.keep == "all":
        return articles, pairs, near
    tally.dropped["near-duplicate of an earlier article"] += near
    return [article for i, article in enumerate(articles) if first[i] == i], [], near


def _stated_groups(articles: Sequence[Article]) -> list[tuple[int, int]]:
    """Pairs of articles that their source says belong together, such as translations of each other."""
    first: dict[tuple[str, str], int] = {}
    pairs = []
    for position, article in enumerate(articles):
        if "group" in article.extra:
            key = (article.source, str(article.extra["group"]))
            pairs.append((first.setdefault(key, position), position))
    return [(a, b) for a, b in pairs if a != b]


def _vocabulary(counts: Mapping[str, int], config: TagConfig, aliases: Mapping[str, str]) -> TagVocabulary:
    made = TagVocabulary.from_counts(counts, config.min_count, max_tags=config.max_tags, aliases=aliases)
    return made.marked(house=config.house, dated=config.dated)


def _rare(counts: Counter[str], labels: TagVocabulary) -> dict[str, Any]:
    """Tags of the training split that are not learnt, with their share of all uses; the commonest by name."""
    rare = Counter({tag: n for tag, n in counts.items() if tag not in labels.index})
    share = rare.total() / counts.total() if counts else 0.0
    return {"tags": len(rare), "share_of_uses": share, "commonest": dict(rare.most_common(_RARE_SHOWN))}


def _wanted(article: Article, labels: TagVocabulary, config: DataConfig, tally: Tally) -> bool:
    if not config.filter.require_tags or any(tag in labels.index for tag in article.tags):
        return True
    tally.dropped["no tag of the vocabulary"] += 1
    return False


def _facts(config: DataConfig, tally: Tally, sources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "config": config.model_dump(mode="json"),
        "sources": sources,
        "read": tally.read,
        "dropped": dict(tally.dropped.most_common()),
        "dropped_details": tally.told(),
        "mended": {what: n for what, n in tally.mended.most_common() if n},
        "unresolved": dict(tally.unresolved.most_common(_UNRESOLVED_SHOWN)),
    }
