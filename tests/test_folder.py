"""Which files of a folder are taken up, and when: nobody must write them any more."""

import os
from pathlib import Path

import pytest

from svodka.inputs.rows import Reading
from svodka.watch.folder import Folder, open_regular, signature
from svodka.watch.reading import read_file
from watching import Clock, once_into, write_page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def test_links_hidden_files_and_pipes_are_left_alone(folder: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "secret.txt", "Тайна", "Этого никто не должен прочесть.")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "linked").symlink_to(tmp_path, target_is_directory=True)
    write_page(folder / ".upload.txt", "Половина", "Половина текста, который ещё идёт.")
    write_page(folder / ".tmp" / "a.txt", "Половина", "Половина текста, который ещё идёт.")
    os.mkfifo(folder / "pipe.txt")
    (folder / "notes.doc").write_text("Не страница.", encoding="utf-8")
    assert once_into(str(tmp_path / "news.db"), folder).annotated == 0


def test_a_file_is_read_when_nobody_writes_it_any_more(folder: Path) -> None:
    clock = Clock()
    watched = Folder(folder, settle=2, clock=clock, now=clock)
    clock.write(folder / "a.txt", "Нач")
    watched.scan()
    assert watched.ready(9) == []
    clock.now += 1.5
    clock.write(folder / "a.txt", "Начало и")
    clock.now += 1.5
    assert watched.ready(9) == []
    clock.now += 1.9
    assert watched.ready(9) == []
    clock.now += 0.1
    assert [file.path.name for file in watched.ready(9)] == ["a.txt"]
    assert not watched.waiting


def test_a_file_that_was_moved_in_or_lay_there_need_not_wait(folder: Path) -> None:
    clock = Clock()
    clock.write(folder / "a.txt", "Готово.")
    clock.now += 100
    watched = Folder(folder, settle=2, clock=clock, now=clock)
    watched.scan()
    assert [file.path.name for file in watched.ready(9)] == ["a.txt"]


def test_whole_lines_of_a_file_that_always_grows(folder: Path) -> None:
    clock = Clock()
    watched = Folder(folder, settle=2, clock=clock, now=clock)
    path, texts = folder / "a.jsonl", []
    for n in range(12):
        clock.write(path, '{"text": "Один."}\n{"text": "Два."}\n{"text": "Половина' + "." * n)
        watched.note([path])
        texts += [item for file in watched.ready(9) for item in read_file(watched, file, Reading(None))]
        clock.now += 1
    # Two lines after ten seconds, and no mark: the file is not read to its end.
    assert [item.read().text for item in texts] == ["Один.", "Два."]  # type: ignore[union-attr]


def test_a_link_or_a_pipe_in_the_place_of_a_file_is_not_opened(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Тайна.", encoding="utf-8")
    (folder / "a.txt").symlink_to(tmp_path / "secret.txt")
    os.mkfifo(folder / "b.txt")
    with pytest.raises(OSError, match=r"a\.txt"):
        open_regular(folder / "a.txt")
    with pytest.raises(OSError, match=r"b\.txt is no regular file"):
        open_regular(folder / "b.txt")


def test_a_page_that_changes_while_it_is_read_waits_on(folder: Path) -> None:
    write_page(folder / "a.txt", "Мост", "Движение открыли утром.")
    watched = Folder(folder, settle=0)
    watched.scan()
    (file,) = watched.ready(9)
    write_page(folder / "a.txt", "Мост", "Движение закрыли вечером, и надолго.")
    assert list(read_file(watched, file, Reading(None))) == []
    assert watched.ready(9)[0].signature == signature(folder / "a.txt") != file.signature


def test_a_page_is_named_without_a_look_at_all_that_lies_beside_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("most.txt", "most.HTML", "sneg.htm", "sneg.docx"):
        (folder / name).write_text("Мост открыли.", encoding="utf-8")
    watched = Folder(folder)
    # For a hundred thousand pages in a folder that would be days.
    monkeypatch.setattr(os, "scandir", lambda *_: pytest.fail("the folder was listed"))
    monkeypatch.setattr(os, "listdir", lambda *_: pytest.fail("the folder was listed"))
    names = [watched.page_name(folder / name) for name in ("most.txt", "most.HTML", "sneg.htm")]
    assert names == ["most.txt", "most.HTML", "sneg"]
