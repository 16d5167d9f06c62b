"""The training code learns: a small encoder-decoder learns eight short articles by heart."""

import json
from pathlib import Path

import pytest

from svodka import Annotator
from svodka.config.data import DataConfig
from svodka.config.training import RunConfig
from svodka.data.prepare import prepare
from svodka.data.store import PreparedData
from svodka.evaluation.evaluate import evaluate
from svodka.evaluation.options import EvaluateOptions
from svodka.training.run import train

SMALL_T5 = {
    "d_model": 128, "d_kv": 32, "num_heads": 4, "num_layers": 2, "d_ff": 256, "dropout_rate": 0.0,
    "feed_forward_proj": "gated-gelu",
}  # fmt: skip


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory, root: Path) -> dict[str, dict[str, dict[str, float]]]:
    """A report on the very articles that were learnt: the validation split is a copy of the training split."""
    folder = tmp_path_factory.mktemp("overfit")
    lines = (root / "data" / "news_ru.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines[::14][:8]]
    rows = [row | {"text": row["text"][:400]} for row in rows]
    (folder / "rows.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    body = {
        "data": {
            "source": {"kind": "jsonl", "path": folder / "rows.jsonl"},
            "output": folder / "prepared",
            "split": {"test": 0, "validation": 0},
        },
        "output": folder / "run",
        "model": {
            "backbone": {"model_type": "t5", "settings": SMALL_T5},
            "tokenizer": {"size": 1200},
            "window": {"tokens": 192, "overlap": 32},
            "tags": {"dropout": 0.0},
            "sentences": {"weight": 0.0},
            "decoder": {"weight": 1.0, "max_tokens": 128},
        },
        "training": {
            "epochs": 60, "batch_size": 4, "learning_rate": 3e-3, "schedule": "constant_with_warmup",
            "weight_decay": 0.0, "log_steps": 50, "device": "cpu",
        },
        "summary": {"mode": "abstractive", "beams": 1, "max_new_tokens": 128, "no_repeat_ngram": 0},
    }  # fmt: skip
    config = RunConfig.model_validate(body)
    prepare(DataConfig.model_validate(body["data"]))
    bundle = train(config, say=lambda line: None)
    options = EvaluateOptions(split="train", baselines=False)
    return evaluate(Annotator.load(bundle, device="cpu"), PreparedData.open(config.data.output), options)


def test_it_learns_the_tags(learnt: dict[str, dict[str, dict[str, float]]]) -> None:
    assert learnt["tags"]["model"]["micro_f1"] > 0.95


def test_it_reproduces_the_summaries(learnt: dict[str, dict[str, dict[str, float]]]) -> None:
    assert learnt["summaries"]["systems"]["model"]["rougeL"] > 90
