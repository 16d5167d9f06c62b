"""What a deletion must leave: a negation, a condition, a doubt, and the one who says it."""

import re

from svodka.summaries.patterns import any_word, opening

# Whatever of these stands in a part, the part stays: without it the sentence may claim more or something else.
_NEGATION = r"""
не; ни; нет; без; нельзя; невозможн\w*; никто; никого; никому; ничего; ничто; никогда; никак\w*; нигде; никуда; отнюдь;
недейств\w*; незакон\w*; неправ\w*; ненадлеж\w*; неудач\w*; отказ\w*; отриц\w*; опроверг\w*; отмен\w*; запре[тщ]\w*;
прекра[тщ]\w*; лиш[еи]\w*; исключ\w*; кроме; помимо;
немає; ніхто; нічого; ніколи; жоден; жодн\w*; неможлив\w*; відмов\w*; заперечу\w*; скасу\w*; заборон\w*;
емес; жоқ;
not; no; never; without; nobody; nothing; neither; nor; cannot; \w+n['’]t; denie[sd]; refuse[sd]?; except; unless;
fail(?:ed|s)?
"""
_CONDITION = r"""
если; при условии; условии; случае; когда; пока; пусть; лишь; только; едва; хотя бы; бы; якобы; будто; возможно;
вероятно; предположительно; видимо; очевидно; может; могут; могла?; могли; вряд ли; почти; чуть; попыт\w*; пыта\w*;
намер\w*; планиру\w*; собира\w*; обеща\w*;
якщо; за умови; у разі; коли; лише; тільки; нібито; можливо; ймовірно; може; можуть; егер; мүмкін; егде;
if; provided; when; until; only; allegedly; possibly; probably; may; might; could; would; should; as long as
"""
_DOUBT = r"""
подозр\w*; обвин\w*; предполага\w*; предполож\w*; версии; мнению; словам; данным; информации; утвержд\w*; счита\w*;
полага\w*; заяв\w*; уверен\w*; слух\w*; призна\w*; винов\w*;
підозр\w*; звинувач\w*; припуска\w*; версією; думку; словами; даними; стверджу\w*; вважа\w*; айыпта\w*; күдік\w*;
claim\w*; accus\w*; suspect\w*; according; believe\w*; suggest\w*
"""
_CONTRAST = "но; зато; однако; а не; вместо; напротив; але; проте; замість; бірақ; but; instead; rather; however"
_NEGATIVE = any_word(_NEGATION)
_PROTECTED = any_word(_NEGATION, _CONDITION, _DOUBT, _CONTRAST)
_SAYING = opening(r"""
сообща[ею]т\w*; сообщил[аио]?; заяв\w+; рассказ\w+; отмеча\w+; отметил[аи]?; подч[её]ркнул[аи]?; пояснил[аи]?;
поясня\w+; добавил[аи]?; сказал[аи]?; уточнил[аи]?; уточня\w+; говор\w+; следует из; считает; считают; полага\w+;
уверен[аы]?; переда[её]т; пиш[еу]т; информиру\w+; утвержда\w+; объяснил[аи]?; напомнил[аи]?; указал[аи]?; указыва\w+;
предупредил[аи]?; написал[аи]?; свидетельствуют; по (?:его|е[её]|их) словам; по словам; по мнению; по данным; по версии;
согласно; повідом\w+; заявля\w+; зазнача\w+; зазначил[аи]?; каже; кажуть; пише; вважа\w+;
said; says; according; told; reported
""")
_BEFORE_SAYING = re.compile(r"^(?:как\s+)?(?:[–—-]\s*)?")


def is_protected(part: str) -> bool:
    """Whether a part of a sentence holds what may not be taken out of it."""
    return bool(_PROTECTED.search(part))


def is_negative(text: str) -> bool:
    """Whether a text denies, forbids or refuses: of what it denies nothing may be left out that narrows it."""
    return bool(_NEGATIVE.search(text))


def says_who(part: str) -> bool:
    """Whether a part between commas names the one who says the rest: «сообщили в полиции», «по словам мэра»."""
    return bool(_SAYING.match(_BEFORE_SAYING.sub("", part.strip())))
