"""The model card: scores as tables that a person can read, nothing of a model's story left out."""

import yaml

from svodka.bundle.card import model_card

METRICS = {
    "validation": {"n": 5, "blend": {"attention": 0.25, "linear": 0.75}},
    "test": {
        "n": 7,
        "ROUGE signature": "tokens:words",
        "tags, model": {"micro_f1": 0.63512, "p@5": 0.5, "hamming": 0.1},
        "tags, frequent tags": {"micro_f1": 0.2, "p@5": 0.25},
        "summaries, model": {"rouge1": 24.34},
        "summaries, model - first": {"rouge1": {"mean": 0.674, "low": 0.399, "high": 0.955}},
    },
}


def test_scores_stand_in_tables_of_systems() -> None:
    card = model_card("Проба", "О пробе.", origin={"seed": 3}, metrics=METRICS, tags=("спорт", "наука"))
    assert (
        "| tags | micro_f1 | p@5 |\n| --- | --- | --- |\n| model | 0.6351 | 0.5 |\n| frequent tags | 0.2 | 0.25 |"
        in card
    )
    assert "| summaries | rouge1 |\n| --- | --- |\n| model | 24.34 |\n| model - first | +0.67 [+0.40, +0.95] |" in card
    assert "- ROUGE signature: tokens:words" in card
    assert "blend: attention 0.25; linear 0.75" in card
    assert "hamming" not in card


def test_test_scores_are_the_hubs_model_index() -> None:
    scores = {"tags, model": {"micro_f1": 0.63512, "macro_f1": 0.5}, "summaries, model": {"rouge1": 24.3}}
    origin = {"sources": ["rt: by us"], "datasets": ["org/news"]}
    card = model_card("Проба", "", origin=origin, metrics={"test": scores}, tags=("спорт",))
    front = yaml.safe_load(card.split("---\n")[1])
    assert front["datasets"] == ["org/news"]
    # The summaries have not all their figures: they are left out rather than told in part.
    assert front["model-index"] == [
        {
            "name": "Проба",
            "results": [
                {
                    "task": {"type": "text-classification"},
                    "dataset": {"name": "rt: by us", "type": "org/news", "split": "test"},
                    "metrics": [
                        {"type": "f1", "name": "micro_f1", "value": 0.6351},
                        {"type": "f1", "name": "macro_f1", "value": 0.5},
                    ],
                }
            ],
        }
    ]


def test_a_card_begins_with_the_front_matter_of_the_hub() -> None:
    origin = {"base_model": "org/model", "languages": ["ru", "kk"]}
    card = model_card("Проба", "", origin=origin, metrics={}, tags=("спорт",))
    front = card.split("---\n")[1]
    assert card.startswith("---\n")
    assert "language:\n- ru\n- kk\n" in front
    assert "base_model: org/model\n" in front
