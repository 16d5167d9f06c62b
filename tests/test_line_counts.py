"""The lines of a file that arrives are counted on disk."""

from pathlib import Path

from svodka.inputs.reject import Reject
from svodka.inputs.rows import Reading
from svodka.watch.arrivals import Arrival, Mark
from svodka.watch.folder import ArrivedFile, Folder, signature
from svodka.watch.line_counts import LineCounts
from svodka.watch.reading import read_file


def test_equal_lines_are_numbered_and_others_are_none() -> None:
    counts = LineCounts()
    assert [counts.add(digest) for digest in ("a", "b", "a", "a")] == [0, 0, 1, 2]
    assert [counts.get(digest, 0) for digest in ("a", "b", "c")] == [3, 1, 0]


def test_two_files_at_once_have_counts_of_their_own() -> None:
    one, other = LineCounts(), LineCounts()
    assert (one.add("a"), other.add("a")) == (0, 0)


def test_a_file_whose_lines_cannot_be_counted_is_told_and_not_marked_as_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(f'{{"text": "Паром {i} вышел в рейс."}}\n' for i in range(2000)), encoding="utf-8")
    items = read_file(Folder(tmp_path), ArrivedFile(path, str(signature(path))), Reading(None))
    found = [next(items)]
    # As where temporary files have no room.
    items.gi_frame.f_locals["counts"]._database.execute("PRAGMA max_page_count=8")  # type: ignore[attr-defined]
    found += items
    assert not any(isinstance(item, Mark) for item in found)
    last = found[-1]
    assert isinstance(last, Arrival)
    assert last.read() == Reject(
        "unreadable", str(path), "its lines cannot be counted in a temporary file: database or disk is full"
    )
    assert 1 < len(found) < 2000
