"""Files and folders written whole or not at all."""

import os
import threading
from pathlib import Path

import pytest

from svodka.errors import ConfigError, DataError
from svodka.exchange import exchanged
from svodka.files import (
    check_absent,
    check_file,
    check_folder,
    read_json,
    sha256,
    synced,
    write_json,
    write_text,
    written_beside,
)


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


def test_a_folder_is_replaced_at_once_where_the_system_can(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
        (folder / folder.name).touch()
    if not exchanged(old, new):
        pytest.skip("this system or disk exchanges no names")
    assert [path.name for path in old.iterdir()] == ["new"]
    assert not exchanged(old, tmp_path / "missing")
    with written_beside(old) as fresh:
        (fresh / "fresh").touch()
    assert [path.name for path in old.iterdir()] == ["fresh"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]


def test_a_rename_that_fails_does_not_lose_the_older_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "bundle"
    fill(target, "старое")
    monkeypatch.setattr("svodka.files.exchanged", lambda one, other: False)  # as where the system cannot
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


def test_a_link_to_a_folder_stays_and_the_folder_it_names_is_replaced(tmp_path: Path) -> None:
    store, link = tmp_path / "store", tmp_path / "bundle"
    fill(store, "старое")
    link.symlink_to("store")
    fill(link, "новое")
    assert link.is_symlink()
    assert (store / "a.txt").read_text() == "новое"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bundle", "store"]


@pytest.mark.parametrize("write", [lambda p: write_text(p, "новое"), lambda p: write_durably_by(p, "новое")])
def test_a_link_to_a_file_stays_and_the_file_it_names_is_replaced(tmp_path: Path, write: object) -> None:
    (tmp_path / "store").mkdir()
    real, link = tmp_path / "store" / "real.txt", tmp_path / "out.txt"
    link.symlink_to(real)  # which is not there yet
    write(link)  # type: ignore[operator]
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "новое"
    assert [p.name for p in real.parent.iterdir()] == ["real.txt"]


def write_durably_by(path: Path, text: str) -> None:
    with synced(path) as file:
        file.write(text.encode())


def mounted(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Has `path` pass for a mount point, which the system does not let be renamed."""
    ismount, rename = os.path.ismount, Path.replace

    def refused(self: Path, to: Path) -> Path:
        if path in (self, Path(to)):
            raise OSError(16, "Device or resource busy")
        return rename(self, to)

    monkeypatch.setattr(os.path, "ismount", lambda p: Path(p) == path or ismount(p))
    monkeypatch.setattr(Path, "replace", refused)


def test_a_mount_point_is_filled_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "disk"
    fill(target, "старое")
    (target / "left" / "deep").mkdir(parents=True)
    mounted(monkeypatch, target)
    fill(target, "новое")
    assert {p.name: p.read_text() for p in target.iterdir()} == {"a.txt": "новое"}


def test_a_mount_point_keeps_what_it_held_if_a_step_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "disk"
    fill(target, "старое")
    (target / "b.txt").write_text("второе")
    mounted(monkeypatch, target)
    rename = Path.replace

    def full_disk(self: Path, to: Path) -> Path:
        if self.parent.name.endswith(".new"):
            raise OSError("no space left on device")
        return rename(self, to)

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="no space left"):
        fill(target, "новое")
    assert {p.name: p.read_text() for p in target.iterdir()} == {"a.txt": "старое", "b.txt": "второе"}


def test_the_working_folder_is_filled_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.txt").write_text("x")
    fill(Path(), "новое")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_that_is_a_mount_point_is_written_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.txt"
    path.write_text("старое и длинное")
    mounted(monkeypatch, path)
    write_text(path, "новое")
    assert path.read_text(encoding="utf-8") == "новое"


def test_a_pipe_is_written_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "out.pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    write_text(pipe, "строка")
    reader.join()
    assert read == ["строка"]
    assert pipe.is_fifo()


def test_what_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(ConfigError, match="file is a file; name another folder"):
        check_folder(tmp_path / "file")
    with pytest.raises(ConfigError, match=r"cannot be written: .*file is a file; name another place"):
        check_folder(tmp_path / "file" / "deep" / "out")
    with pytest.raises(ConfigError, match="is the root of the disk"):
        check_folder(Path("/"))
    with pytest.raises(ConfigError, match="is a folder; name a file in it"):
        check_file(tmp_path)
    with pytest.raises(ConfigError, match="cannot be written: "):
        check_file(loop)
    with pytest.raises(ConfigError, match="is there already"):
        check_absent(tmp_path)


def test_a_folder_without_the_right_to_write_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    for check in (check_folder, check_file):
        with pytest.raises(ConfigError, match="out cannot be written: no right to write in"):
            check(tmp_path / "out")
