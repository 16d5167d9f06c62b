"""Bad rows stop nothing: each lies in the reject file with its place, a reason and the raw row."""

import base64
import json
from pathlib import Path

import pytest

from bulk import LetterCounter, annotate, news, rows_of, shown, write_rows
from svodka.errors import SvodkaError
from svodka.inputs.sources import BLOCK_ROWS

GOOD = b'{"id": "ok", "text": "\xd0\x9b\xd1\x91\xd0\xb4 \xd0\xbd\xd0\xb0 \xd1\x80\xd0\xb5\xd0\xba\xd0\xb5."}'
NO_TEXT = bytes(range(128, 256))
# Broken bytes, broken JSON, JSON of another shape, fields of another type, texts that hold nothing.
BAD_LINES = [
    b"{broken", b"{", b"}", b'{"text": "a"', b'{"text": "a",}', b"{'text': 'a'}", b'{"text": "a"} {"text": "b"}',
    b'"text"', b"[]", b'[{"text": "a"}]', b"null", b"true", b"17", b"NaN", b"undefined", b"text", b"\x00", b"<html>",
    b'{"text": "\xff\xfe"}', "{\"text\": \"Снег\"}".encode("cp1251"), b"\x80", '{"text": "Лёд"}'.encode("utf-16"),
    b'{"text": NaN}',
    b'{"text": "a", "n": ' + b"9" * 5000 + b"}", b"[" * 100_000,
    b'{"text": "a", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b"{}", b'{"id": 1}', b'{"txt": "a"}', b'{"text": null}', b'{"text": ""}', b'{"text": " \\n\\t "}',
    b'{"text": "\\u200b\\ufeff"}', b'{"text": "&nbsp;"}', b'{"text": 5}', b'{"text": 1.5}', b'{"text": true}',
    b'{"text": [1]}', b'{"text": {"a": 1}}', b'{"text": "\\ud800"}',
    '{"text": "сбой"}'.encode(),
]  # fmt: skip


def test_a_thousand_malformed_rows_all_land_there_with_reason_and_raw_row(tmp_path: Path) -> None:
    bad = [BAD_LINES[i % len(BAD_LINES)] for i in range(1000)]
    lines = [line for pair in zip([GOOD] * 1000, bad, strict=True) for line in pair]
    (tmp_path / "rows.jsonl").write_bytes(b"\n".join(lines))
    assert shown(annotate(tmp_path / "out.jsonl", tmp_path / "rows.jsonl")) == (2000, 1000, 1000)
    rejects = rows_of(tmp_path / "out.jsonl.rejects.jsonl")
    assert [r["position"] for r in rejects] == list(range(1, 2000, 2))
    assert [r["where"] for r in rejects] == [f"{tmp_path}/rows.jsonl:{n}" for n in range(2, 2001, 2)]
    assert all(r["detail"] for r in rejects)
    assert {r["reason"] for r in rejects} == {"unreadable", "unusable", "failed"}
    kept = [base64.b64decode(r["raw_base64"]) if "raw_base64" in r else r["raw"].encode() for r in rejects]
    assert kept == bad


def test_a_control_character_within_a_string_spoils_no_row(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes('{"id": "1", "text": "Снег\x01 лёг\tночью."}\n'.encode())
    assert shown(annotate(tmp_path / "out.jsonl", tmp_path / "rows.jsonl")) == (1, 1, 0)
    assert [r["id"] for r in rows_of(tmp_path / "out.jsonl")] == ["1"]


def test_a_table_of_broken_cells(tmp_path: Path) -> None:
    rows = [
        b"1,\xd0\x9c\xd0\xbe\xd1\x81\xd1\x82.", b"2", b"3,a,b", b'4,"a"b,"c"', b"5,", b"6,\xff",
        b'7,"' + b"a" * 10 + b'"', b'8,"not closed\n9,within it\n',
    ]  # fmt: skip
    (tmp_path / "rows.csv").write_bytes(b"\xef\xbb\xbfid,text\r\n" + b"\n\n".join(rows))
    assert shown(annotate(tmp_path / "out.jsonl", tmp_path / "rows.csv")) == (9, 3, 6)
    assert [r["id"] for r in rows_of(tmp_path / "out.jsonl")] == ["1", "7", "9"]
    rejects = rows_of(tmp_path / "out.jsonl.rejects.jsonl")
    assert [r["where"].split(":")[-1] for r in rejects] == ["4", "6", "8", "10", "12", "16"]
    details = [
        "1 cell(s), but the head has 2", "3 cell(s)", "not a CSV row", "article '5' has no text", "byte 2 is no UTF-8",
        "a quote is left open: lines 16 to 17 would be one row",
    ]  # fmt: skip
    assert all(d in r["detail"] for d, r in zip(details, rejects, strict=True))
    assert rejects[-1]["raw"] == '8,"not closed\n'


def test_pages_that_hold_no_article(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    pages = {"a.txt": b"", "b.html": b"", "c.html": b"<html></html>", "d.txt": NO_TEXT, "e.html": b"\x00" * 50}
    for name, raw in pages.items():
        (tmp_path / "in" / name).write_bytes(raw)
    assert shown(annotate(tmp_path / "out.jsonl", tmp_path / "in")) == (5, 0, 5)


def test_rows_that_are_odd_but_good_are_no_rejects(tmp_path: Path) -> None:
    lines = [
        '{"text": "Снег.", "id": 10000000000000000000000}', '\ufeff{"text": "Снег."}',
        '{"text": "Снег.", "desk": "\\ud83d"}',
        '{"text": "Снег.", "input": 1, "cut": 2}', '{"text": "Снег.", "text": "Лёд."}', '{"text": "&amp;amp; Снег"}',
        '{"text": "Снег.", "n": Infinity}', '{"text": ["Снег."]}', '{"text": "Снег.", "title": 5}',
        '{"text": "Снег.", "id": {}}', '{"text": "Снег.", "id": true}', '{"text": "Снег.", "id": 1.5}',
        '{"text": "Снег.", "tags": "ab"}', '{"text": "Снег.", "tags": {"a": 1}}', '{"text": "Снег.", "date": 20240501}',
        '{"text": "Снег.", "url": []}',
    ]  # fmt: skip
    (tmp_path / "rows.jsonl").write_bytes("\r\n".join(lines).encode())
    assert shown(annotate(tmp_path / "out.jsonl", tmp_path / "rows.jsonl")) == (16, 16, 0)
    assert rows_of(tmp_path / "out.jsonl")[2]["desk"] == "\ud83d"
    assert not (tmp_path / "out.jsonl.rejects.jsonl").exists()


def test_a_row_that_makes_the_model_fail_is_found_among_its_batch(tmp_path: Path) -> None:
    rows = news(300)
    for i in (0, 100, 101, 299):
        rows[i]["text"] = "Тут сбой."
    assert shown(annotate(tmp_path / "out.jsonl", write_rows(tmp_path / "rows.jsonl", rows))) == (300, 296, 4)
    rejects = rows_of(tmp_path / "out.jsonl.rejects.jsonl")
    assert [r["position"] for r in rejects] == [0, 100, 101, 299]
    assert rejects[0]["detail"] == "RuntimeError: the arithmetic failed"


def test_a_model_that_fails_on_everything_stops_the_run_instead_of_rejecting_all(tmp_path: Path) -> None:
    path, model = write_rows(tmp_path / "rows.jsonl", news(600)), LetterCounter()

    def break_down() -> None:
        model.broken = True

    from bulk import Watcher

    with pytest.raises(SvodkaError, match="fails on every article: RuntimeError: the arithmetic failed"):
        annotate(tmp_path / "out.jsonl", path, annotator=model, watcher=Watcher(break_down))
    done = annotate(tmp_path / "out.jsonl", path)
    assert (shown(done), done.resumed_rows) == ((600, 600, 0), BLOCK_ROWS)


def test_retry_puts_the_raw_rows_through_again(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b'{broken\n{"id": 7, "text": ""}\n\xff\n' + GOOD)
    (tmp_path / "rows.csv").write_text("id,text\n8,a,b\n", encoding="utf-8")
    (tmp_path / "page.txt").write_bytes(NO_TEXT)
    inputs = [tmp_path / name for name in ("rows.jsonl", "rows.csv", "page.txt")]
    assert shown(annotate(tmp_path / "out.jsonl", *inputs)) == (6, 1, 5)
    path = tmp_path / "out.jsonl.rejects.jsonl"
    rejects = rows_of(path)
    rejects[1]["raw"] = rejects[1]["raw"].replace('""', '"Лёд тает."')
    rejects[3]["raw"] = "8,Снег идёт.\n"
    rejects[4] |= {"raw": "Мост открыли\n\nМост через Сорогу открыли. По нему проехал автобус.\n"}
    del rejects[4]["raw_base64"]
    mended = write_rows(tmp_path / "mended.jsonl", [*rejects, {"where": "rows.jsonl:9", "reason": "unreadable"}])
    assert shown(annotate(tmp_path / "more.jsonl", retry=[mended])) == (6, 3, 3)
    assert [r["id"] for r in rows_of(tmp_path / "more.jsonl")] == ["7", "8", "page"]
    left = rows_of(tmp_path / "more.jsonl.rejects.jsonl")
    # The place and number of the first run stay with the row.
    assert [(r["position"], r["where"]) for r in left[:2]] == [(0, rejects[0]["where"]), (2, rejects[2]["where"])]
    assert "not a line of a reject file with its raw row" in left[2]["detail"]
    assert json.loads(left[2]["raw"])["where"] == "rows.jsonl:9"
