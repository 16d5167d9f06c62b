"""What the labels of a corpus say of the topics (`svodka.topics`): a YAML map beside its data config.

    labels:
      Спорт: sport                                      # this topic
      Экономика: {is: [economy], maybe: [politics]}     # this one, and it leaves that one open
      Происшествия: {is: [], maybe: [crime, disaster]}  # none for sure; it denies all but those two
      Погода: {is: [weather], maybe: all}               # this one; it denies none
      Финансы: {is: [economy], not: [society]}          # it denies a topic for sure, open or not
      Украина: {maybe: [conflict]}                      # leaves a topic open where another label speaks
      Россия:                                           # says nothing
    open: [society]                                     # topics that labels deny only by `not`
    absent: [religion]                                  # topics that no label means, and that all deny

A corpus denies only what it could have said: a topic that none of its labels means, and that is not `absent`, is
unknown for all its articles.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from svodka.config.yaml_files import read_yaml
from svodka.errors import ConfigError
from svodka.text import normalise_tag
from svodka.topics import TOPICS

_IDS = {topic.key: topic.id for topic in TOPICS}
_PARTS = ("is", "maybe", "not")
_ALL = "all"
_TOP = ("labels", "open", "absent")


@dataclass(frozen=True)
class LabelMeaning:
    """What one label says.

    Attributes:
        topics: ids of topics that it means.
        open: ids of topics that it leaves open.
        denied: ids of topics that it denies for sure, though the map or another label leaves them open.
        speaks: whether it says what an article is about, so that it denies the rest.
    """

    topics: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    speaks: bool = False


@dataclass(frozen=True)
class TopicMap:
    """What a corpus says of the topics.

    Attributes:
        labels: normalised label -> what it says.
        open: ids of topics that labels deny only one by one.
        absent: ids of topics that they deny though none of them means it.
    """

    labels: Mapping[str, LabelMeaning]
    open: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path) -> "TopicMap":
        """Read a map.

        Raises:
            ConfigError: no such file, no YAML, or unknown topics and keys: every one of them, a line each.
        """
        body = _read(path)
        wrong = [_unknown("key", key, _TOP) for key in body if key not in _TOP]
        labels = body.get("labels") or {}
        if not isinstance(labels, dict):
            raise ConfigError(f"{path}: `labels` must map each label to its topics, as `Спорт: sport`")
        meanings: dict[str, LabelMeaning] = {}
        for label, value in labels.items():
            name = normalise_tag(str(label))
            if name in meanings:
                wrong.append(f"label '{label}': given twice in different spellings")
            meanings[name] = _meaning(label, value, wrong)
        always, absent = (_ids(name, body.get(name), wrong) for name in ("open", "absent"))
        if wrong:
            raise ConfigError(f"{path} has {len(wrong)} error(s):\n" + "\n".join(f"  {line}" for line in wrong))
        return cls(meanings, always, absent)

    @cached_property
    def reach(self) -> frozenset[str]:
        """Ids of the topics that the map can give or deny at all."""
        return self.absent.union(*(meaning.topics for meaning in self.labels.values()))

    def of(self, labels: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Topics of an article with these labels, in any spelling.

        Returns:
            Ids of its topics, and ids of all the topics that it is known to have or not to have; both sorted. Both are
            empty where no label says what the article is about.
        """
        found = [meaning for label in labels if (meaning := self.labels.get(normalise_tag(label)))]
        if not any(meaning.speaks for meaning in found):
            return (), ()
        positive = frozenset().union(*(meaning.topics for meaning in found))
        unsure = self.open.union(*(meaning.open for meaning in found))
        denied = (self.reach - unsure).union(*(meaning.denied for meaning in found))
        return tuple(sorted(positive)), tuple(sorted(denied | positive))


def _read(path: Path) -> dict[str, Any]:
    body = read_yaml(path, "topic map")
    if not isinstance(body, dict):
        raise ConfigError(f"{path} must hold `labels`, a mapping of each label to its topics, as `Спорт: sport`")
    return body


def _meaning(label: Any, value: Any, wrong: list[str]) -> LabelMeaning:
    where = f"label '{label}'"
    if value is None:
        return LabelMeaning()
    if not isinstance(value, dict):
        return LabelMeaning(_ids(where, value, wrong), speaks=True)
    wrong.extend(f"{where}: {_unknown('key', key, _PARTS)}" for key in value if key not in _PARTS)
    topics, unsure, denied = (_ids(f"{where}, {part}", value.get(part), wrong) for part in _PARTS)
    return LabelMeaning(topics, unsure, denied, speaks="is" in value)


def _ids(where: str, value: Any, wrong: list[str]) -> frozenset[str]:
    if value == _ALL:
        return frozenset(_IDS.values())
    keys = [] if value is None else value if isinstance(value, list) else [value]
    wrong.extend(f"{where}: {_unknown('topic', key, _IDS)}" for key in keys if str(key) not in _IDS)
    return frozenset(_IDS[str(key)] for key in keys if str(key) in _IDS)


def _unknown(what: str, found: Any, allowed: Iterable[str]) -> str:
    near = get_close_matches(str(found), list(allowed), 1, cutoff=0.5)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return f"unknown {what} '{found}'{hint} allowed: {', '.join(allowed)}"
