"""The model and the baselines on the summaries of some articles."""

from collections.abc import Sequence

from svodka.article import Annotation, Article
from svodka.config.summary import SummaryConfig
from svodka.evaluation.summaries.baselines import first_sentences, oracle_sentences, textrank_sentences
from svodka.evaluation.summaries.measures import SummaryMeasures, text_rows
from svodka.evaluation.summaries.record import SummaryRecord
from svodka.evaluation.summaries.section import EDITOR, MODEL
from svodka.summaries.budget import Budget

TEXTRANK = "TextRank"
ORACLE = "oracle sentences"


def summary_record(
    articles: Sequence[Article],
    annotations: Sequence[Annotation],
    *,
    rouge: str,
    settings: SummaryConfig,
    baselines: bool,
) -> SummaryRecord | None:
    """Measures of the model's summaries, the editor's and the baselines'; None where nothing can be compared.

    Args:
        articles, annotations: what was read and what the model said of it.
        rouge: preset of the ROUGE tokenisation.
        settings: how long the model's summaries may be, and so the baseline of the first sentences.
        baselines: whether to measure them.
    """
    pairs = [(i, a, n.summary) for i, (a, n) in enumerate(zip(articles, annotations, strict=True)) if n.summary]
    pairs = [pair for pair in pairs if pair[1].summary]
    if not pairs:
        return None
    summarised, measures = [article for _, article, _ in pairs], SummaryMeasures(rouge)
    references = [article.summary for article in summarised]
    texts = {MODEL: [summary.text for _, _, summary in pairs]}
    if baselines:
        texts |= _baselines(summarised, settings)
    rows = {name: measures.against(references, t) | text_rows(summarised, t) for name, t in texts.items()}
    return SummaryRecord(
        places=tuple(place for place, _, _ in pairs),
        signature=measures.signature,
        chrf_signature=measures.chrf_signature,
        abstractive=sum(summary.kind == "abstractive" for _, _, summary in pairs),
        baselines=tuple(name for name in texts if name not in (MODEL, ORACLE)),
        rows=rows | {EDITOR: text_rows(summarised, references)},
    )


def _baselines(articles: Sequence[Article], settings: SummaryConfig) -> dict[str, list[str]]:
    found, most = {"first sentence": [first_sentences(a, 1) for a in articles]}, settings.most_sentences
    if most > 1:
        # As long as the model's may be: against a longer reference every word more is a better chance.
        name = f"first {most} sentences, {settings.words} words"
        found = {name: [first_sentences(a, most, Budget.of(settings)) for a in articles]} | found
    return found | {
        TEXTRANK: [textrank_sentences(a, most) for a in articles],
        ORACLE: [oracle_sentences(a, most) for a in articles],
    }
