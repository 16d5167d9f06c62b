"""The model and the baselines on the summaries of some articles."""

from collections.abc import Sequence

from svodka.article import Annotation, Article
from svodka.evaluation.summaries.baselines import first_sentences, oracle_sentences, textrank_sentences
from svodka.evaluation.summaries.measures import SummaryMeasures, text_rows
from svodka.evaluation.summaries.record import SummaryRecord
from svodka.evaluation.summaries.section import EDITOR, MODEL

TEXTRANK = "TextRank"
ORACLE = "oracle sentences"


def summary_record(
    articles: Sequence[Article], annotations: Sequence[Annotation], *, rouge: str, sentences: int, baselines: bool
) -> SummaryRecord | None:
    """Measures of the model's summaries, the editor's and the baselines'; None where nothing can be compared.

    Args:
        articles, annotations: what was read and what the model said of it.
        rouge: preset of the ROUGE tokenisation.
        sentences: sentences of an extractive summary, for the baselines.
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
        texts |= _baselines(summarised, sentences)
    rows = {name: measures.against(references, t) | text_rows(summarised, t) for name, t in texts.items()}
    return SummaryRecord(
        places=tuple(place for place, _, _ in pairs),
        signature=measures.signature,
        chrf_signature=measures.chrf_signature,
        abstractive=sum(summary.kind == "abstractive" for _, _, summary in pairs),
        baselines=tuple(name for name in texts if name not in (MODEL, ORACLE)),
        rows=rows | {EDITOR: text_rows(summarised, references)},
    )


def _baselines(articles: Sequence[Article], sentences: int) -> dict[str, list[str]]:
    found = {"first sentence": [first_sentences(a, 1) for a in articles]}
    if sentences > 1:
        found = {f"first {sentences} sentences": [first_sentences(a, sentences) for a in articles]} | found
    return found | {
        TEXTRANK: [textrank_sentences(a, sentences) for a in articles],
        ORACLE: [oracle_sentences(a, sentences) for a in articles],
    }
