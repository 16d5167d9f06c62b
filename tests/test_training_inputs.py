"""What a run looks at before its first step: whether data, backbone and tokenizer are what the config means."""

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import run_settings
from svodka.config.training import RunConfig
from svodka.errors import ConfigError
from svodka.files import read_json, write_json
from svodka.training.data import open_or_prepare
from svodka.training.run import train
from svodka.training.run_folder import RunFolder

LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"


def begin(body: dict[str, Any]) -> list[str]:
    """Train, and give the lines that were said."""
    said: list[str] = []
    train(RunConfig.model_validate(body), say=said.append)
    return said


def hub_bert(folder: Path, letters: str = LETTERS + LETTERS.upper() + "0123456789.,-()%«»") -> Path:
    """A small random BERT as the hub stores it, whose pieces are letters."""
    from transformers import BertConfig, BertModel

    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=200, max_position_embeddings=128, **sizes)).save_pretrained(folder)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": False}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def from_hub(folder: Path, backbone: Path) -> dict[str, Any]:
    body = run_settings(folder, 24)
    body["model"] |= {"backbone": {"pretrained": str(backbone)}, "tags": {}}
    body["training"] |= {"max_steps": 1}
    return body


def test_a_source_that_changed_since_is_told(tmp_path: Path) -> None:
    body = run_settings(tmp_path, 24)
    config = RunConfig.model_validate(body)
    said: list[str] = []
    then = open_or_prepare(config, said.append)
    assert said == [f"preparing {tmp_path / 'prepared'}"]
    with (tmp_path / "rows.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "n", "text": "Новость. " * 40, "tags": ["мост"]}, ensure_ascii=False) + "\n")
    with pytest.raises(ConfigError, match=r"since these have changed: .*rows\.jsonl; prepare it anew by `svodka prep"):
        open_or_prepare(config, said.append)
    # A run that was begun goes on with what it began with.
    assert open_or_prepare(config, said.append, resume=True).hash == then.hash
    assert said[-1].endswith(f"stays as it is, though these have changed since: {tmp_path / 'rows.jsonl'}")


def test_a_prepared_folder_that_was_moved_is_the_same_data(tmp_path: Path) -> None:
    body = run_settings(tmp_path, 24)
    then = open_or_prepare(RunConfig.model_validate(body), lambda line: None)
    (tmp_path / "prepared").rename(tmp_path / "moved")
    (tmp_path / "rows.jsonl").rename(tmp_path / "other.jsonl")
    body["data"] |= {
        "output": str(tmp_path / "moved"),
        "source": {"kind": "jsonl", "path": str(tmp_path / "other.jsonl")},
    }
    assert open_or_prepare(RunConfig.model_validate(body), lambda line: None).hash == then.hash


def test_an_empty_list_that_has_become_a_mapping_since_is_no_other_setting(tmp_path: Path) -> None:
    config = RunConfig.model_validate(run_settings(tmp_path, 24))
    then = open_or_prepare(config, lambda line: None)
    path = tmp_path / "prepared" / "manifest.json"
    manifest = read_json(path)
    assert manifest["config"]["tags"]["dated"] == {}
    manifest["config"]["tags"]["dated"] = []
    write_json(path, manifest)
    assert open_or_prepare(config, lambda line: None).hash == then.hash
    manifest["config"]["tags"]["dated"] = ["мост"]
    write_json(path, manifest)
    with pytest.raises(ConfigError, match=r"data\.tags\.dated: \['мост'\] then, \{\} now"):
        open_or_prepare(config, lambda line: None)


def test_topics_need_a_corpus_that_has_some(tmp_path: Path) -> None:
    body = run_settings(tmp_path, 24)
    body["model"] |= {"topics": {"weight": 1.0}}
    with pytest.raises(ConfigError, match=r"no article of these corpora has a topic; name a topic map by data\.topics"):
        open_or_prepare(RunConfig.model_validate(body), lambda line: None)


def test_a_backbone_without_its_vocabulary_is_refused(tmp_path: Path) -> None:
    folder = hub_bert(tmp_path / "bert")
    (folder / "vocab.txt").unlink()
    (folder / "tokenizer_config.json").unlink()
    with pytest.raises(
        ConfigError, match=r"5 pieces, but its embedding 200 rows: its vocabulary file is missing"
    ) as told:
        begin(from_hub(tmp_path, folder))
    assert str(folder) in str(told.value)


def test_a_tokenizer_of_another_language_is_refused(tmp_path: Path) -> None:
    latin = "abcdefghijklmnopqrstuvwxyz"
    folder = hub_bert(tmp_path / "bert", latin + latin.upper() + ".,-«»")
    with pytest.raises(ConfigError, match=r"the tokenizer knows \d+% of the tokens of the first \d+ articles"):
        begin(from_hub(tmp_path, folder))


def test_a_tokenizer_that_cannot_pad_is_refused(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models

    folder = hub_bert(tmp_path / "bert")
    for name in ("vocab.txt", "tokenizer_config.json"):
        (folder / name).unlink()
    Tokenizer(models.BPE({letter: i for i, letter in enumerate(LETTERS * 4)}, [])).save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}', encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"the tokenizer of '.*bert' has no padding token, which batches need; name one"
    ):
        begin(from_hub(tmp_path, folder))


def test_a_start_that_failed_blocks_no_folder(tmp_path: Path) -> None:
    folder = hub_bert(tmp_path / "bert")
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:1000])
    body = from_hub(tmp_path, folder)
    with pytest.raises(ConfigError, match=r"cannot load '.*bert': .*its weights are cut or damaged, get them anew"):
        begin(body)
    file.write_bytes(whole)
    assert begin(body | {"seed": 14})[-1] == f"bundle: {tmp_path / 'run' / 'bundle'}"


def test_a_tokenizer_that_is_not_the_backbones_is_told(tmp_path: Path) -> None:
    body = from_hub(tmp_path, hub_bert(tmp_path / "bert"))
    body["model"]["tokenizer"] = {"path": str(hub_bert(tmp_path / "other"))}
    assert any(line.startswith(f"the tokenizer is that of {tmp_path / 'other'}: if ") for line in begin(body))
    # What is used from outside stands on the card by name only where a name leads there.
    card = (RunFolder(tmp_path / "run").bundle / "README.md").read_text(encoding="utf-8")
    assert "base_model" not in card.split("---")[1]
