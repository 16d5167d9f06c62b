"""What is shown: nothing from outside steers a terminal or passes for a line of ours."""

import json
from pathlib import Path

import pytest

from bulk import annotate, write_rows
from svodka.bulk.progress import ProgressBar
from svodka.cli.card import show_annotation
from svodka.visible import escaped_json, tell, visible, visible_lines, visible_values

EVIL = "i \x1b]0;PWN\x07\x1b[2J\u202e\nsvodka: FAKE"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Мост\u00a0открыт — «да» 😀", "Мост\u00a0открыт — «да» 😀"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b2J", "\\x9b2J"),
        ("a\nb\rc", "a\\nb\\rc"),
        ("\u202eтсом", "\\u202eтсом"),
        ("\ud800", "\\ud800"),
        ("\u2028", "\\u2028"),
        ("сло\u00adво 👨\u200d👩", "сло\u00adво 👨\u200d👩"),
    ],
)
def test_only_what_can_be_seen_is_shown_as_it_is(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_further_line_of_a_message_cannot_pass_for_a_message() -> None:
    assert visible_lines(f"2 errors:\n{EVIL}").split("\n")[1:] == [
        "  i \\x1b]0;PWN\\x07\\x1b[2J\\u202e", "  svodka: FAKE",
    ]  # fmt: skip


def test_values_and_keys_of_a_row_are_shown_so_and_the_rest_stays() -> None:
    row = {EVIL: [EVIL, 1, None, {"a": True}]}
    assert visible_values(row) == {visible(EVIL): [visible(EVIL), 1, None, {"a": True}]}


def test_json_for_a_terminal_has_the_same_values() -> None:
    line = (json.dumps({"id": EVIL + "\x85\U000e0041", "text": "Мост"}, ensure_ascii=False) + "\n").encode()
    shown = escaped_json(line)
    assert json.loads(shown) == json.loads(line)
    assert shown.decode().removesuffix("\n").isprintable()
    assert escaped_json('{"text": "Мост"}\n'.encode()) == '{"text": "Мост"}\n'.encode()


def test_messages_on_standard_error_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    tell(visible(EVIL))
    tell("\ud800")
    assert capsys.readouterr().err == "svodka: i \\x1b]0;PWN\\x07\\x1b[2J\\u202e\\nsvodka: FAKE\nsvodka: \\ud800\n"


def test_a_reject_named_by_its_file_steers_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "\x1b[2J\nsvodka: FAKE.txt").write_bytes(b"")
    write_rows(folder / "rows.jsonl", [{"te\x1b]0;PWN\x07\nsvodka: FAKE": "x"}, {"text": "Снег."}])
    bar = ProgressBar()
    annotate(tmp_path / "out.jsonl", folder, watcher=bar)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() and line.startswith(f"svodka: {folder}/") for line in lines)


def test_a_card_of_a_row_with_half_a_surrogate_pair_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"id": "i \ud800\x1b[2J", "tags": [], "summary": {"kind": "extractive", "text": "Снег."}, "cut": 0}
    show_annotation(visible_values(row))
    assert "i \\ud800\\x1b[2J" in capsys.readouterr().out
