"""Which scores stand in which table, at a terminal and on the page; JSON and CSV hold all of them."""

from collections.abc import Mapping

from svodka.evaluation.summaries.section import SCORES

# part -> caption -> scores. The last table of a part also takes every score that no table names, so that a new one
# shows without being listed here.
TABLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "topics": {
        "Decisions and ranking": ("micro_f1", "micro_precision", "micro_recall", "macro_f1", "p@1", "accuracy", "map"),
        "Calibration, and topics that are called sure": ("ece", "sure", "sure_precision"),
    },
    "tags": {
        "Decisions": ("micro_f1", "micro_precision", "micro_recall", "macro_f1", "example_f1"),
        "Precision and recall of the other averages": (
            "macro_precision", "macro_recall", "example_precision", "example_recall",
        ),
        "In a tree, gold and given with the tags above them": (
            "hierarchical_f1", "hierarchical_precision", "hierarchical_recall",
        ),
        "Ranking: precision and recall": ("p@1", "p@3", "p@5", "p@10", "r@1", "r@3", "r@5", "r@10"),
        "Ranking: gain and average precision": ("ndcg@1", "ndcg@3", "ndcg@5", "ndcg@10", "map", "tag_map"),
        "Coverage and calibration": ("coverage", "tag_coverage", "depth", "tags_given", "ece", "ece_given", "brier"),
    },
    "summaries": {"Against the editor's summary, in percent": SCORES, "Length and copying": ()},
}  # fmt: skip
# What a terminal shows.
LEADING: Mapping[str, tuple[str, ...]] = {
    "topics": ("micro_f1", "macro_f1", "p@1", "accuracy", "map", "ece", "sure", "sure_precision"),
    "tags": ("micro_f1", "macro_f1", "example_f1", "hierarchical_f1", "p@1", "p@5", "r@5", "map"),
    "summaries": (*SCORES, "words"),
}


def score_tables(part: str, systems: Mapping[str, Mapping[str, float]]) -> dict[str, list[str]]:
    """Caption and scores of each table of a part that holds any: every score of the systems stands in one of them.

    Args:
        part: `topics`, `tags` or `summaries`.
        systems: scores by system.
    """
    there = list(dict.fromkeys(score for scores in systems.values() for score in scores))
    named = {score for scores in TABLES[part].values() for score in scores}
    tables = {caption: [score for score in scores if score in there] for caption, scores in TABLES[part].items()}
    tables[list(tables)[-1]] += [score for score in there if score not in named]
    return {caption: scores for caption, scores in tables.items() if scores}
