"""Sentences of a page that are none of its article: captions, calls to subscribe, book data, addresses."""

import re

from svodka.facts.language import language_of
from svodka.facts.morphology import kept_for_words, parses, plain
from svodka.summaries.clauses import is_subordinate, parts_of
from svodka.text import WORD

_CLUTTER = re.compile(
    r"\bISBN\b|©|https?://|www\.|@\w|(?<=\S)\.(?:html?|php)\b|#\w{3}|"
    r"\b(?:подписывайтесь|подпишитесь|підписуйтесь|читайте|читать далее|следите за|смотрите|присоединяйтесь|"
    r"поделиться|комментарии|нажмите|ctrl\s*\+|жазылыңыз|subscribe|follow us|read more|click)\b|"
    r"\b(?:фото|видео|источник|автор|текст|иллюстрация|скриншот|теги|рубрика|photo|video|source|image)\s*[:/]|"
    r"все права (?:защищены|на материалы)|использовани\w+ материалов|при цитировании|цена номера|тираж\b|"
    r"в прямом эфире|\bпо (?:этой )?ссылке\b|"
    r"^(?:фото|видео)\b|\bтел(?:ефон)?\.?:|\+7[\s(]|\d{2}:\d{2}\s*[–—-]\s|[|►▶•■]",
    re.I,
)
# What only promises to tell: «по двум причинам», «Стало известно, кто …», «… и т.д.».
_PROMISE = re.compile(
    r"(?:\b(?:двумя|тремя|несколькими|рядом) (?:факторами|причинами|обстоятельствами|факторов|причин)|"
    r"\bпо (?:двум|тр[её]м|нескольким|ряду|следующим) причинам?|\bследующ(?:ем|им|ее|ие|ими)|"
    r"\bи т\. ?[дп]\.?|и так далее)\W*$|"
    r"^(?:теперь |также )?(?:стало|станет) известно,? (?!что\b|о том)",
    re.I,
)
_END = re.compile(r"[.!?…][»”\"')\]]*$")
_PREDICATES = frozenset({"VERB", "PRTS", "ADJS", "PRED", "INFN"})
# «День» is an imperative too, by the dictionary.
_LIKELY = 0.1
# «Дождь — к снегу», «Ставка – 15%»: a dash stands for the verb.
_DASH = re.compile(r"\s[–—-]\s")


def is_clutter(sentence: str) -> bool:
    """Whether a sentence belongs to the page and not to the article, or only promises to tell."""
    return bool(_CLUTTER.search(sentence) or _PROMISE.search(sentence))


def is_fragment(sentence: str) -> bool:
    """Whether a text is a heading, the beginning of a list, or a Russian phrase without a predicate."""
    if not _END.search(sentence) or sentence.rstrip().endswith(("...", "…")):
        return True
    if language_of(sentence) != "ru" or _DASH.search(sentence):
        return False
    # «В день, когда прощались с мастером.» has a predicate in its clause alone.
    main = [part.text for part in parts_of(sentence) if not is_subordinate(part.text)]
    return not any(has_predicate(token) for text in main for token in WORD.findall(text))


@kept_for_words(10_000, number=False)
def has_predicate(word: str) -> bool:
    """Whether a Russian word may well be a predicate: a verb, a short participle or adjective, «можно»."""
    return any(parse.tag.POS in _PREDICATES and parse.score >= _LIKELY for parse in parses(plain(word)))
