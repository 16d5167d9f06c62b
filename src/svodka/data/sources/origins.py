"""Where each known corpus comes from, by its public name. The manifest of prepared data repeats it."""

from dataclasses import dataclass

from svodka.config.data import SourceConfig


@dataclass(frozen=True)
class Origin:
    """A corpus, where it was published, and the licence stated there."""

    name: str
    origin: str
    licence: str


_NOT_STATED = "not stated"

CORPORA = {
    "rt": Origin("rt", "github.com/mannefedov/ru_kw_eval_datasets (RT in Russian)", _NOT_STATED),
    "ng": Origin("ng", "github.com/mannefedov/ru_kw_eval_datasets (Nezavisimaya Gazeta)", _NOT_STATED),
    "lenta_headlines": Origin("lenta_headlines", "github.com/ankislyakov/data", _NOT_STATED),
    "telegram": Origin("telegram", "github.com/NKTKLN/telegram-news-classifier", "CC BY 4.0"),
    "tg_silver": Origin("tg_silver", "github.com/IlyaGusev/tgcontest", "Apache-2.0"),
    "wikinews": Origin("wikinews", "github.com/nerel-ds/NEREL v1.1 (Russian Wikinews)", "CC BY (texts)"),
    "reuters": Origin("reuters", "github.com/wuodar/reuters_text_classification (Reuters-21578)", "research use"),
    "kyrgyz": Origin("kyrgyz", "github.com/alexeyev/kyrgyz-multi-label-topic-classification", _NOT_STATED),
    "sib200": Origin("sib200", "github.com/dadelani/sib-200", "Apache-2.0"),
    "slavic": Origin("slavic", "github.com/SlavicNLP/SlavicNER", _NOT_STATED),
    "fontanka": Origin("fontanka", "github.com/nedokormysh/NLP_Fontanka (Fontanka.ru)", "MIT (repository)"),
    "ria": Origin(
        "ria",
        "github.com/ChernayaAnastasia/News-classification, YuliaOv22/itmo_data_in_ml_2025 (RIA Novosti)",
        _NOT_STATED,
    ),
    "kommersant": Origin("kommersant", "github.com/SergeyKondratyevVl/Scraping-Kommersant", _NOT_STATED),
    "tengri": Origin("tengri", "github.com/Uakks/TengriNews", _NOT_STATED),
    "tg2019": Origin(
        "tg2019",
        "github.com/halingeorge/tgnews, ideolog/tgnews and others (pages linked in Telegram, November 2019)",
        _NOT_STATED,
    ),
    "noise": Origin("noise", "made by Svodka itself: texts that are no news", "Apache-2.0"),
}


def origin_of(config: SourceConfig) -> Origin:
    """Name, origin and licence of a source; a licence in the config comes first."""
    known = CORPORA.get(config.kind)
    if known:
        stated = config.licence != _NOT_STATED
        return Origin(known.name, known.origin, config.licence) if stated else known
    if config.kind == "hub":
        return Origin(str(config.dataset).split("/")[-1], f"{config.dataset} at {config.revision}", config.licence)
    name = config.path.name if config.path else config.kind
    return Origin(name, "own files", config.licence)
