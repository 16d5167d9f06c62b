"""YAML: the values of version 1.2, and files that are refused before they fill the memory."""

from pathlib import Path
from typing import Any

import pytest

from svodka.config.yaml_files import parse_yaml, read_yaml
from svodka.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", 10),
        ("-3", -3),
        ("12:30", "12:30"),
        ("no", "no"),
        ("true", True),
        ("2e-5", 2e-5),
        ("1.10", 1.1),
        ("2001-99-99", "2001-99-99"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("~", None),
        ("", None),
        ("'010'", "010"),
        ("{<<: {a: 1}, b: 2}", {"a": 1, "b": 2}),
        ("- &a [x, y]\n- *a", [["x", "y"], ["x", "y"]]),
    ],
)
def test_values_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    assert parse_yaml(text) == value


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [" + ", ".join("х" * 10) + "]"]
    lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]" for i in range(1, levels)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (bomb(9), r"more than 1,000,000 values with aliases written out, line 6"),
        ("a: &a [*a]", r"'\*a' stands inside what it names, line 1"),
        ("a: &a {b: *a}", r"'\*a' stands inside what it names, line 1"),
        ("x: " + "[" * 50 + "]" * 50, r"nested deeper than 40 levels, line 1"),
        ("x: " + "[" * 100_000, r"nested deeper than 40 levels, line 1"),
        ("\n".join(" " * i + "a:" for i in range(60)), r"nested deeper than 40 levels, line 40"),
        ("a: 1\nb: 2\na: 3", r"'a' is given twice, line 3"),
        ('a: "x\\0y"', r"'x\\x00y' holds a character that no name or text can hold, line 1"),
        ('a: "\\ud83d"', r"holds a character that no name or text can hold, line 1"),
        ("a: !!bool x", r"a value that does not fit its tag \('x'\)"),
        ("a: !!int " + "9" * 5000, r"a value that does not fit its tag"),
        ("a: !!timestamp 2001-99-99", r"a value that does not fit its tag"),
        ("a: !!python/object/apply:os.getcwd []", r"could not determine a constructor for the tag"),
        ("? [a]\n: b", r"found unhashable key"),
        ("<<: [1, 2]", r"expected a mapping for merging"),
        ("a: 1\n---\nb: 2", r"expected a single document"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"cannot read the config .*run\.yaml as YAML: (.|\n)*{message}"):
        read_yaml(path, "config")


def test_a_merged_key_may_be_given_anew() -> None:
    assert parse_yaml("base: &b {x: 1, y: 2}\nother: {<<: *b, y: 3}")["other"] == {"x": 1, "y": 3}
