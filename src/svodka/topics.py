"""The topics: the 17 top-level Media Topics of the IPTC (https://cv.iptc.org/newscodes/mediatopic/), in their order.

Names and descriptions are ours, after the standard's; the ids are the standard's own. A description is what a model
reads of a topic beside its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from svodka.errors import ConfigError

LANGUAGES = ("ru", "kk", "uk", "en")


@dataclass(frozen=True, slots=True)
class MediaTopic:
    """One topic.

    Attributes:
        id: of the standard, as `medtop:15000000`.
        key: a word that configs name it by, as `sport`.
        names: language (ISO 639-1, of `LANGUAGES`) -> name.
        description: what belongs to it, in Russian.
    """

    id: str
    key: str
    names: Mapping[str, str]
    description: str


def _topic(number: int, key: str, names: str, description: str) -> MediaTopic:
    named = dict(zip(LANGUAGES, names.split(" | "), strict=True))
    return MediaTopic(f"medtop:{number:02}000000", key, named, description)


TOPICS: tuple[MediaTopic, ...] = (
    _topic(1, "arts",
           "культура и медиа | мәдениет және медиа | культура та медіа | arts, culture and media",
           "кино, музыка, театр, литература, выставки, телевидение, знаменитости, СМИ и интернет-культура"),
    _topic(2, "crime",
           "преступность и право | қылмыс және құқық | злочинність і право | crime, law and justice",
           "преступления, полиция, следствие, суды, приговоры, законы и их нарушение"),
    _topic(3, "disaster",
           "катастрофы и происшествия | апаттар мен оқиғалар | катастрофи та аварії | disasters and accidents",
           "аварии, пожары, ДТП, взрывы, землетрясения, наводнения, спасатели, пострадавшие"),
    _topic(4, "economy",
           "экономика и бизнес | экономика және бизнес | економіка та бізнес | economy, business and finance",
           "компании, рынки, банки, финансы, валюта, цены, бюджет, торговля, промышленность, строительство"),
    _topic(5, "education",
           "образование | білім беру | освіта | education",
           "школы, детские сады, университеты, экзамены, учителя, ученики и студенты"),
    _topic(6, "environment",
           "окружающая среда | қоршаған орта | довкілля | environment",
           "экология, климат, загрязнение, природа, животные и растения, охрана природы"),
    _topic(7, "health",
           "здоровье | денсаулық | здоров'я | health",
           "медицина, болезни, эпидемии, больницы, врачи, лекарства, вакцины, питание"),
    _topic(8, "human_interest",
           "люди и истории | адамдар мен оқиғалар | люди та історії | human interest",
           "необычные случаи, рекорды, курьёзы, судьбы людей, королевские семьи, животные-герои"),
    _topic(9, "labour",
           "труд и занятость | еңбек және жұмыспен қамту | праця та зайнятість | labour",
           "зарплаты, пенсии, безработица, рабочие места, забастовки, профсоюзы, кадры"),
    _topic(10, "lifestyle",
           "образ жизни и досуг | өмір салты және демалыс | стиль життя та дозвілля | lifestyle and leisure",
           "путешествия, туризм, отдых, мода, еда, дом, автомобили, игры, праздники"),
    _topic(11, "politics",
           "политика и власть | саясат және билік | політика та влада | politics and government",
           "правительство, президент, парламент, выборы, партии, дипломатия, международные отношения, санкции"),
    _topic(12, "religion",
           "религия | дін | релігія | religion",
           "церковь, ислам, вера, храмы, духовенство, религиозные праздники и общины"),
    _topic(13, "science",
           "наука и технологии | ғылым және технология | наука та технології | science and technology",
           "исследования, открытия, космос, техника, компьютеры, программы, искусственный интеллект, связь"),
    _topic(14, "society",
           "общество | қоғам | суспільство | society",
           "жизнь людей, семья, дети, миграция, благотворительность, права, город, транспорт и коммунальные службы"),
    _topic(15, "sport",
           "спорт | спорт | спорт | sport",
           "соревнования, матчи, клубы, спортсмены, тренеры, футбол, хоккей, Олимпийские игры"),
    _topic(16, "conflict",
           "войны и конфликты | соғыс және қақтығыс | війни та конфлікти | conflict, war and peace",
           "война, армия, вооружение, боевые действия, обстрелы, теракты, протесты, мирные переговоры"),
    _topic(17, "weather",
           "погода | ауа райы | погода | weather",
           "прогноз погоды, температура, осадки, ветер, жара, мороз, предупреждения синоптиков"),
)  # fmt: skip

TOPIC_IDS: tuple[str, ...] = tuple(topic.id for topic in TOPICS)
_BY_ID = {topic.id: topic for topic in TOPICS}
_BY_KEY = {topic.key: topic for topic in TOPICS}


def topic_named(key: str) -> MediaTopic:
    """A topic by the word that configs use for it, or by its id.

    Raises:
        ConfigError: no such topic.
    """
    found = _BY_KEY.get(key) or _BY_ID.get(key)
    if found is None:
        raise ConfigError(f"no topic '{key}'; allowed: {', '.join(_BY_KEY)}")
    return found


def topic_name(topic_id: str, language: str) -> str:
    """The name of a topic in a language; in English where it has no name in that one."""
    names = topic_named(topic_id).names
    return names.get(language, names["en"])


def check_language(language: str) -> None:
    """Check that topics have names in a language (ISO 639-1).

    Raises:
        ConfigError: they have none, naming the languages that there are.
    """
    if language not in LANGUAGES:
        raise ConfigError(f"topics have no names in language '{language}'; allowed: {', '.join(LANGUAGES)}")
