"""Datelines: «АЛМАТЫ, 20 окт – РИА Новости.» before the first sentence, which says nothing of the news itself."""

import re

_MONTH = (
    r"(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру|"
    r"қаң|ақп|нау|сәу|мам|мау|шіл|там|қыр|қаз|қар|жел|jan|feb|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\.?"
)
_DAY = rf"\d{{1,2}}\s+{_MONTH}(?:\s+\d{{4}}(?:\s*(?:года|г\.|р\.|року))?)?"
_PLACE = r"[A-ZА-ЯЁІЇЄҐӘҒҚҢӨҰҮ][\w’'-]*(?:[ -][A-ZА-ЯЁІЇЄҐӘҒҚҢӨҰҮ][\w’'-]*){0,3}(?:\s*\([^)]{2,40}\))?"
_AGENCY = (
    r"(?:/[^/]{2,40}/|РИА Новости[^.–—-]{0,20}|ИА [^.–—-]{2,30}|(?:Корр?\.\s*)?[«\"]?[A-ZА-ЯЁІЇЄҐӘҒҚҢӨҰҮ][\w.]*"
    r"(?:[ -][A-ZА-ЯЁІЇЄҐӘҒҚҢӨҰҮ][\w.]*){0,2}[»\"]?)"
)
_STOP = r"\s*[.,:]?\s*(?:[–—-]\s*)?"
_DATED = re.compile(
    rf"^(?:{_PLACE}\s*[.,]?\s*[–—-]?\s*)?{_DAY}\s*(?:[.,/–—-]\s*{_AGENCY})?\s*(?:[.–—/]|\s-)\s*(?:[–—-]\s*)?"
)
_NAMED = re.compile(rf"^(?:{_PLACE}\s*[.,]\s*){_AGENCY}\s*(?:[–—]|\s-\s|/\.)\s*")
_AGENCY_ALONE = re.compile(rf"^/[A-ZА-ЯЁІЇЄҐ][^/]{{2,40}}/[.,]?{_STOP}")
_ALL_CAPITALS = re.compile(r"^(?:[A-ZА-ЯЁІЇЄҐӘҒҚҢӨҰҮ]{3,}[ .,–—-]+){1,4}[–—-]\s+")
_SENTENCE = re.compile(r"[A-ZА-ЯЁІЇЄҐӘҒҚҢӨҰҮ«\"„“\d]")


def without_dateline(sentence: str) -> str:
    """A sentence without the place, day and agency before it; "" where it is nothing else."""
    for pattern in (_DATED, _NAMED, _ALL_CAPITALS, _AGENCY_ALONE):
        found = pattern.match(sentence)
        if found:
            rest = sentence[found.end() :]
            if not rest or _SENTENCE.match(rest):
                return rest
    return sentence
