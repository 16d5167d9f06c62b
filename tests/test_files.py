"""Files and folders written whole or not at all."""

from pathlib import Path

import pytest

from svodka.errors import DataError
from svodka.files import read_json, sha256, write_json, write_text, written_beside


def fill(target: Path, text: str) -> None:
    with written_beside(target) as folder:
        (folder / "a.txt").write_text(text, encoding="utf-8")


def test_a_folder_takes_the_place_of_the_older_one(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "bundle"
    fill(target, "старое")
    (target / "left.txt").write_text("x")
    fill(target, "новое")
    assert {p.name: p.read_text() for p in target.iterdir()} == {"a.txt": "новое"}
    assert [p.name for p in target.parent.iterdir()] == ["bundle"]


def fill_in_part(target: Path, error: type[BaseException]) -> None:
    with written_beside(target) as folder:
        (folder / "a.txt").write_text("половина", encoding="utf-8")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_broken_block_leaves_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "bundle"
    fill(target, "старое")
    with pytest.raises(error):
        fill_in_part(target, error)
    assert (target / "a.txt").read_text() == "старое"
    assert [p.name for p in tmp_path.iterdir()] == ["bundle"]


def test_a_rename_that_fails_does_not_lose_the_older_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "bundle"
    fill(target, "старое")
    rename = Path.replace

    def full_disk(self: Path, to: Path) -> Path:
        if self.name.endswith(".new"):
            raise OSError("no space left on device")
        return rename(self, to)

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="no space left"):
        fill(target, "новое")
    assert (target / "a.txt").read_text() == "старое"
    assert [p.name for p in tmp_path.iterdir()] == ["bundle"]


def test_text_that_cannot_be_written_leaves_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "out.txt"
    write_text(path, "Сводка.")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "битый \ud800")
    assert path.read_text(encoding="utf-8") == "Сводка."
    assert [p.name for p in path.parent.iterdir()] == ["out.txt"]


def test_json_keeps_cyrillic_and_order(tmp_path: Path) -> None:
    body = {"я": 1, "а": ["ё", None, 0.1]}
    write_json(tmp_path / "a.json", body)
    assert "ё" in (tmp_path / "a.json").read_text(encoding="utf-8")
    assert list(read_json(tmp_path / "a.json").items()) == list(body.items())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", r"cannot read .*a\.json: "),
        (b'{"a": 1', r"cannot read .*a\.json: "),
        (b"\xff\xfe", r"cannot read .*a\.json: "),
        (b"[1]", r"a\.json must hold a JSON object, got list"),
        (b"null", r"a\.json must hold a JSON object, got NoneType"),
    ],
)
def test_what_is_no_json_object(tmp_path: Path, body: bytes, message: str) -> None:
    (tmp_path / "a.json").write_bytes(body)
    with pytest.raises(DataError, match=message):
        read_json(tmp_path / "a.json")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*absent\.json"):
        read_json(tmp_path / "absent.json")


def test_a_digest(tmp_path: Path) -> None:
    # The digest of "abc" from FIPS 180-2, appendix B.1.
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
