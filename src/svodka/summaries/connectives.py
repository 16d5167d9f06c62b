"""Words that only tie a sentence to the one before it: «Однако», «Кроме того», «Напомним, что»."""

import re

from svodka.facts.language import Language, language_of
from svodka.summaries.patterns import one_of, opening

# With a comma behind them, or «что», or nothing.
_TIES: dict[Language, str] = {
    "ru": """однако; но; а; и; также; при этом; кроме того; кроме этого; помимо этого; вместе с тем; тем не менее;
        между тем; тем временем; в то же время; в свою очередь; более того; к тому же; причем; причём; притом; зато;
        впрочем; кстати; тогда как; напомним; отметим; заметим; добавим; подчеркнем; уточним; стоит отметить;
        следует отметить; нужно отметить; стоит напомнить; стоит добавить; как сообщалось; как сообщалось ранее;
        как уже сообщалось; ранее сообщалось; как известно; наконец; во-первых; во-вторых; в-третьих; итак;
        как отмечалось ранее; как стало известно; стало известно, что; стало известно о том, что; в частности;
        поступила информация, что; поступила информация о том, что; теперь стало известно, что;
        теперь поступила информация, что; теперь поступила информация о том, что""",
    "uk": """однак; проте; але; а; і; й; та; також; крім того; окрім того; при цьому; водночас; тим часом; натомість;
        нагадаємо; зазначимо; зауважимо; додамо; отже; втім; як повідомлялося; як повідомлялося раніше;
        раніше повідомлялося; варто зазначити; до речі""",
    "kk": """алайда; бірақ; ал; және; сондай-ақ; сонымен қатар; сонымен бірге; айта кетейік; айта кету керек;
        еске салайық; дегенмен; соған қарамастан; бұған дейін хабарланғандай""",
    "en": """however; but; and; also; moreover; meanwhile; in addition; still; nevertheless; additionally; furthermore;
        besides; at the same time; on the other hand; finally; as reported earlier""",
}  # fmt: skip
# These are cut only with the comma that shows them to be such: «Так, …», «Например, …».
_ONLY_WITH_COMMA: dict[Language, str] = {
    "ru": "так; например; к примеру; таким образом; значит; кроме",
    "uk": "так; наприклад; зокрема; таким чином",
    "kk": "мысалы; осылайша",
    "en": "so; thus; for example; for instance; in particular; as a result",
}
_BACKGROUND = opening(r"""
(?:(?:также|ещ[её]) )?(?:напомним|сообщалось|ранее|как (?:уже )?сообщалось); (?:год|месяц|неделю) назад; до этого;
нагадаємо; раніше; еске салайық; бұған дейін; earlier; previously
""")


def without_connective(sentence: str) -> str:
    """A sentence without the connectives that open it, with a capital again."""
    pattern = _PATTERNS[language_of(sentence)]
    while found := pattern.match(sentence):
        rest = sentence[found.end() :]
        sentence = rest[0].upper() + rest[1:]
    return sentence


def is_background(sentence: str) -> bool:
    """Whether a sentence says by its opening that it tells old news."""
    return bool(_BACKGROUND.match(sentence))


def _pattern(language: Language) -> re.Pattern[str]:
    that = r"(?:что\s+|що\s+)?"
    free, bound = one_of(_TIES[language]), one_of(_ONLY_WITH_COMMA[language])
    return re.compile(rf"^(?:(?:{free})(?:,\s+|\s+){that}|(?:{bound}),\s+)(?=[\w«\"])", re.I)


_PATTERNS = {language: _pattern(language) for language in _TIES}
