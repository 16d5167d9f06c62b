"""A run over several corpora with topics and tags read by name: what a YAML would hold. It takes seconds."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conftest import run_settings, sample_rows

TOPICS = """labels:
  общество: society
  спорт: sport
  наука: science
  культура: arts
  происшествия: {is: [disaster], maybe: [crime]}
  экономика: economy
absent: [religion]
"""
# Of the corpora beside the main one: its tags are its own, it tells nothing of any, no article has any.
OTHER, SILENT, NOISE = "other", "silent", "noise"


def prepared(folder: Path, name: str, rows: Sequence[dict[str, Any]], **settings: Any) -> dict[str, Any]:
    """The data config of a corpus of these rows."""
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    body = {
        "source": {"kind": "jsonl", "path": str(path)},
        "output": str(folder / name),
        "tags": {"min_count": 2},
        "topics": str(folder / "topics.yaml"),
        "split": {"validation": 5, "test": 2},
    }
    return body | settings


def mixed_settings(folder: Path, **training: Any) -> dict[str, Any]:
    """36 articles of a main corpus, 9, 5 and 3 of others an epoch; two layers that read a tag's name too."""
    body = run_settings(folder, 40)
    (folder / "topics.yaml").write_text(TOPICS, encoding="utf-8")
    rows = sample_rows(120)
    main, other, silent = rows[::3], rows[1::3], rows[2::3]
    # An outlet that names some things as the other does, and some as nobody else.
    other = [row | {"tags": [*row["tags"][:1], f"рубрика {len(row['text']) % 2}"]} for row in other]
    noise = {"kind": "noise", "count": 20}
    body["data"] = prepared(folder, "main", main, split={"validation": 4, "test": 0})
    body["beside"] = [
        {"data": prepared(folder, OTHER, other), "rows": 9},
        {
            "data": prepared(folder, SILENT, silent), "tags": "none", "rows": 5, "most": 7, "validation": 3,
            "one_topic": True,
        },
        {
            "data": prepared(folder, NOISE, [], source=noise, filter={"min_words": 3}),
            "tags": "all", "rows": 3, "validation": 2,
        },
    ]  # fmt: skip
    # Layers that do something before they have learnt anything.
    body["model"]["backbone"]["settings"] |= {"num_hidden_layers": 2, "initializer_range": 0.3}
    body["model"]["tags"] = {
        "named": True, "name_steps": 3, "lexical": True, "lexical_pieces": 200, "lexical_rank": 8, "lexical_hidden": 16,
        "blend": True,
    }  # fmt: skip
    body["model"]["topics"] = {"weight": 1.0, "states": 40, "hidden": 6, "words": 1.0, "left_open": 0.2}
    body["training"] |= {"windows": 1, "head_learning_rate": 1e-3} | training
    return body
