"""Damaged inputs of every form: rows, rejects or one clear error, and nothing else. More of them: `fuzzing.py`."""

import random
from pathlib import Path

import pytest

from fuzzing import FORMS, outcomes


@pytest.mark.parametrize("suffix", list(FORMS))
def test_a_damaged_file_is_read_or_refused_in_words(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "in").mkdir()
    found = {outcome for outcome, _ in outcomes(suffix, 40, random.Random(f"7{suffix}"), tmp_path / "in")}
    assert found <= {"read", "refused"}
