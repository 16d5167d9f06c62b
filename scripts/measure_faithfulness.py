#!/usr/bin/env python3
"""How many invented facts the check of summaries finds, and how often it raises a false alarm.

    scripts/measure_faithfulness.py wikinews_nerel.jsonl.gz --rt prepared/rt

On Russian Wikinews with the entities of NEREL (Loukachevitch et al. 2021):

- planted errors: in a sentence of an article one annotated name, place or number is replaced by one of the same kind
  and form from another article, which this article does not have;
- true sentences: sentences of an article as they stand;
- true variants: the same with one name in another case, one person by surname or initial, one number in words or in
  digits, one date in digits.

On RT (with --rt): the share of editors' summaries that is flagged, and which, to be read by eye.
"""

import argparse
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from svodka.article import Article
from svodka.config.data import SourceConfig
from svodka.data.sources import read_source
from svodka.data.store import PreparedData
from svodka.facts import FactCheck, check_facts
from svodka.facts.morphology import lemmas, parses, plain
from svodka.text import split_sentences

KINDS = {
    "PERSON": "name", "CITY": "place", "COUNTRY": "place", "STATE_OR_PROVINCE": "place", "ORGANIZATION": "organisation",
    "NUMBER": "number", "MONEY": "number", "PERCENT": "number", "AGE": "number", "ORDINAL": "number", "DATE": "date",
}  # fmt: skip
CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# Beginning of a place's name -> what its article must not have for it to be new there.
SECOND_NAMES = {
    "США": "америк", "РФ": "росси", "Росс": "рф", "Вели": "англи", "Англ": "британ", "Брит": "англи", "Герм": "немец",
    "ФРГ": "герман", "Кита": "кнр", "КНР": "кита", "Поль": "польск", "Фран": "франц", "СССР": "совет",
    "Санк": "петербург", "Пете": "санкт",
}  # fmt: skip
DIGITS = {"два": "2", "три": "3", "четыре": "4", "пять": "5", "шесть": "6", "семь": "7", "восемь": "8", "девять": "9",
          "десять": "10", "двух": "2", "трёх": "3", "двадцать": "20", "сто": "100"}  # fmt: skip
WORDS = {value: word for word, value in DIGITS.items() if word not in ("двух", "трёх")}
MONTHS = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
          "декабря")  # fmt: skip


@dataclass(frozen=True)
class Mention:
    """An annotated mention: NEREL's type, our kind, the text as it stands."""

    type: str
    kind: str
    text: str


@dataclass(frozen=True)
class Case:
    """A statement to check against its article; `swap` is what was put for what."""

    article: Article
    statement: str
    kind: str
    swap: str = ""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("wikinews", type=Path, help="JSON lines of the corpus, gzip")
    options.add_argument("--rt", type=Path, help="folder made by `svodka prepare` from RT")
    options.add_argument("--method", choices=("tagger", "capitals"), default="tagger")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--show", type=int, default=0, help="print so many wrong answers of each kind")
    given = options.parse_args()
    rng = random.Random(given.seed)
    articles = [a for a in read_source(SourceConfig(kind="wikinews", path=given.wikinews)) if isinstance(a, Article)]

    def run(cases: list[Case], *, wrong: Callable[[FactCheck], bool]) -> dict[str, object]:
        return measure(cases, method=given.method, wrong=wrong, show=given.show)

    report: dict[str, object] = {"method": given.method, "seed": given.seed, "articles": len(articles)}
    report["planted, missed"] = run(planted(articles, rng), wrong=bool)
    for name, cases in {"sentences": sentences(articles, rng), "variants": variants(articles, rng)}.items():
        report[f"true {name}, flagged"] = run(cases, wrong=lambda check: not check)
    if given.rt:
        written = [Case(a, a.summary, "summary") for a in PreparedData.open(given.rt).articles("test") if a.summary]
        report["RT editors' summaries, flagged"] = run(written, wrong=lambda check: not check)
    print(json.dumps(report, ensure_ascii=False, indent=1))


def measure(cases: list[Case], *, method: str, wrong: Callable[[FactCheck], bool], show: int) -> dict[str, object]:
    """Share of wrong answers by kind, kinds of facts that were flagged, and milliseconds a statement."""
    total, bad, facts, spent = Counter[str](), Counter[str](), Counter[str](), 0.0
    for case in cases:
        source = f"{case.article.title}\n{case.article.text}\n{case.article.source}"
        start = time.perf_counter()
        check = check_facts(case.statement, source, method=method)  # type: ignore[arg-type]
        spent += time.perf_counter() - start
        total[case.kind] += 1
        facts.update({fact.kind for fact in check.unsupported})
        if wrong(check):
            bad[case.kind] += 1
            if bad[case.kind] <= show:
                told = [fact.text for fact in check.unsupported]
                print(f"[{case.kind}] {case.article.id} {case.swap} {told}", f"   {case.statement}", sep="\n")
    shares = {kind: f"{bad[kind]}/{n} = {bad[kind] / n:.1%}" for kind, n in total.items()}
    everything = f"{bad.total()}/{total.total()} = {bad.total() / total.total():.1%}"
    return {"all": everything, **shares, "facts": dict(facts), "ms": round(1000 * spent / total.total(), 2)}


def planted(articles: list[Article], rng: random.Random) -> list[Case]:
    """Up to two planted errors of each kind an article, where it has mentions to replace."""
    by_form: dict[tuple[str, ...], list[Mention]] = {}
    for mention in (mention for article in articles for mention in mentions(article)):
        by_form.setdefault(form(mention), []).append(mention)
    cases = []
    for article in articles:
        own = mentions(article)
        rng.shuffle(own)
        for kind in sorted(set(KINDS.values())):
            swaps = filter(None, (swapped(article, m, by_form[form(m)], rng) for m in own if m.kind == kind))
            cases += list(islice(swaps, 2))
    return cases


def swapped(article: Article, mention: Mention, others: list[Mention], rng: random.Random) -> Case | None:
    """A sentence with another mention in the place of one; None where no fitting one is found."""
    holding = next((s.text for s in split_sentences(article.text) if has_word(s.text, mention.text)), "")
    for _ in range(20 if holding else 0):
        numeric = mention.kind in ("number", "date")
        other = other_number(article, mention.text, rng) if numeric else rng.choice(others).text
        if other and (numeric or is_new(article, other, place=mention.kind == "place")):
            return Case(article, replaced(holding, mention.text, other), mention.kind, f"{mention.text} -> {other}")
    return None


def other_number(article: Article, text: str, rng: random.Random) -> str:
    """A number or date with one figure or numeral changed, or "" if the article has the new one in any spelling."""
    match = rng.choice(list(re.finditer(r"\d+|[^\W\d_]+", text)))
    if match[0].isdigit():
        first = rng.choice("123456789")
        new = first + "".join(rng.choice("0123456789") for _ in match[0][1:])
        if 1 <= int(match[0]) <= 31 and len(text.split()) > 1:
            new = str(rng.randint(1, 28))
    else:
        row = next((forms for forms in NUMERALS if match[0] in forms), None)
        new = rng.choice(row) if row else ""
    stems = [str(new), *(STEMS.get(new, ())), *(STEMS.get(str(int(new)), ()) if new.isdigit() else ())]
    whole = plain(f"{article.title}\n{article.text}")
    known = any(re.search(rf"(?<!\d){s}(?!\d)" if s.isdigit() else s, whole) for s in stems)
    return "" if not new or known else text[: match.start()] + new + text[match.end() :]


def has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def replaced(sentence: str, text: str, other: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", lambda _: other, sentence, count=1)


def is_new(article: Article, name: str, *, place: bool) -> bool:
    """Whether an article lacks some word of a name in every form; of a place, adjectives and second names as well."""
    text = f"{article.title}\n{article.text}"
    words = {plain(word) for word in WORD.findall(text)}
    bases = {lemma for word in words for lemma in lemmas(word)}
    new = [w for w in WORD.findall(name) if w[0].isupper() and not lemmas(plain(w)) & bases]
    if not place:
        return bool(new)
    starts = {word[:4] for word in words}
    return (
        bool(new)
        and all(plain(w)[:4] not in starts for w in new)
        and SECOND_NAMES.get(name[:4], "\0") not in plain(text)
    )


def form(mention: Mention) -> tuple[str, ...]:
    """What makes two names exchangeable: type, words, and the case, number and gender of each."""
    return (mention.type, *(agreement(word) for word in WORD.findall(mention.text)))


def agreement(word: str) -> str:
    if word.isupper():
        return "abbreviation"
    tag = parses(plain(word))[0].tag
    return f"{word[0].isupper()} {tag.case} {tag.number} {tag.gender}"


def sentences(articles: list[Article], rng: random.Random) -> list[Case]:
    """Two sentences of each article."""
    cases = []
    for article in articles:
        found = [s.text for s in split_sentences(article.text) if len(s.text.split()) > 4]
        cases += [Case(article, text, "sentence") for text in rng.sample(found, min(2, len(found)))]
    return cases


def variants(articles: list[Article], rng: random.Random) -> list[Case]:
    """Sentences with one mention written otherwise, at most one of each way an article."""
    cases = []
    for article in articles:
        own = mentions(article)
        rng.shuffle(own)
        for name, way in WAYS.items():
            for mention in own:
                other = way(mention, rng)
                held = next((s.text for s in split_sentences(article.text) if has_word(s.text, mention.text)), "")
                if held and other and other != mention.text:
                    cases.append(Case(article, replaced(held, mention.text, other), name, f"{mention.text} -> {other}"))
                    break
    return cases


def in_another_case(mention: Mention, rng: random.Random) -> str:
    if mention.kind not in ("name", "place"):
        return ""
    words = WORD.findall(mention.text)
    case = rng.choice(CASES)
    inflected = []
    for word in words:
        best = parses(word.lower())[0]
        other = best.inflect({case}) if best.is_known and not word.isupper() else None
        if other is None:
            return ""
        inflected.append("-".join(part.capitalize() for part in other.word.split("-")))
    return " ".join(inflected)


def by_surname(mention: Mention, _: random.Random) -> str:
    return mention.text.split()[-1] if is_full_name(mention) else ""


def by_initial(mention: Mention, _: random.Random) -> str:
    return f"{mention.text[0]}. {mention.text.split()[-1]}" if is_full_name(mention) else ""


def is_full_name(mention: Mention) -> bool:
    words = mention.text.split()
    known = len(words) == 2 and all(word.isalpha() and word.istitle() for word in words)
    return mention.type == "PERSON" and known and "Name" in parses(words[0].lower())[0].tag


def other_numeral(mention: Mention, _: random.Random) -> str:
    words = mention.text.split()
    if mention.kind != "number":
        return ""
    return " ".join(DIGITS.get(word, WORDS.get(word, word)) for word in words)


def dotted(mention: Mention, _: random.Random) -> str:
    match = re.fullmatch(rf"(\d+) ({'|'.join(MONTHS)}) (\d{{4}}) года", mention.text)
    return f"{int(match[1]):02}.{MONTHS.index(match[2]) + 1:02}.{match[3]}" if match else ""


def mentions(article: Article) -> list[Mention]:
    """Annotated mentions that can be swapped: names that open with a capital, numbers with a figure or numeral."""
    found = []
    for type_, text in article.extra["entities"]:
        kind = KINDS.get(type_, "")
        number = any(c.isdigit() for c in text) or any(word in FIGURES for word in re.findall(r"\w+", text))
        if kind in ("number", "date") if number else kind and kind not in ("number", "date") and text[0].isupper():
            found.append(Mention(type_, kind, text))
    return found


# Numerals in one form each line: one may stand for another.
ROWS = """два три четыре пять шесть семь восемь девять десять
двух трёх четырёх пяти шести семи восьми девяти десяти
двумя тремя четырьмя пятью шестью восемью девятью
двое трое четверо пятеро
второй третий четвёртый пятый шестой седьмой
второго третьего четвёртого пятого шестого седьмого
втором третьем четвёртом пятом шестом седьмом
двадцать тридцать пятьдесят шестьдесят семьдесят"""
NUMERALS = [row.split() for row in ROWS.split("\n")]
FIGURES = frozenset(word for row in NUMERALS for word in row)
# How a value, in digits or in a word, may be written in an article: other digits, beginnings of words, Roman.
VALUES = {
    1: "од|перв|I", 2: "два|две|двух|двум|дво|втор|вдво|дважды|двадц|двен|II", 3: "три|тре|тро|трем|III", 4: "чет|IV",
    5: "пят", 6: "шест", 7: "сем|седьм", 8: "вос", 9: "девя", 10: "десят", 20: "двадц", 30: "тридц", 50: "пятьдес",
    60: "шестьдес", 70: "семьдес",
}  # fmt: skip
STEMS = {str(value): (str(value), *forms.lower().split("|")) for value, forms in VALUES.items()} | {
    word: (str(value), *forms.lower().split("|"))
    for value, forms in VALUES.items()
    for word in FIGURES
    if any(plain(word).startswith(form) for form in forms.split("|"))
}
WAYS: dict[str, Callable[[Mention, random.Random], str]] = {
    "case": in_another_case, "surname": by_surname, "initial": by_initial, "numeral": other_numeral, "date": dotted,
}  # fmt: skip

if __name__ == "__main__":
    main()
