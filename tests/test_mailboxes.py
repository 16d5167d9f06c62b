"""Several mails in one file. All mails are invented."""

import io
from pathlib import Path

import pytest

import svodka
from svodka.article import Article
from svodka.inputs.mail import mails
from svodka.inputs.reject import Reject

BODIES = [
    "Паром вышел из порта в ночь.\n\n>From 2025 on it sails, сказал капитан.",
    "Мост через Ольху открыли утром, сказали в управе.",
]
MAILBOX = "\n".join(
    "From - Thu Nov  5 10:00:00 2026\nFrom: a@lug.example\n"
    f"Subject: Весть {i}\nDate: Thu, 5 Nov 2026 10:00:00 +0500\n\n{body}\n"
    for i, body in enumerate(BODIES)
)


@pytest.mark.parametrize("name", ["press.mbox", "press.eml", "press.txt"])
def test_each_mail_of_a_mailbox_is_an_article(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(MAILBOX, encoding="utf-8")
    found = list(svodka.read(tmp_path))
    assert [(one.title, one.date) for one in found if isinstance(one, Article)] == [
        ("Весть 0", "2026-11-05"), ("Весть 1", "2026-11-05"),
    ]  # fmt: skip
    assert [one.text for one in found if isinstance(one, Article)] == [
        "Паром вышел из порта в ночь.\nFrom 2025 on it sails, сказал капитан.", BODIES[1],
    ]  # fmt: skip
    assert len({one.id for one in found if isinstance(one, Article)}) == 2


def test_a_mail_that_is_too_long_or_none_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    found = list(mails(io.BytesIO(MAILBOX.replace("Паром", "Паром" * 50).encode()), 300))
    assert [bool(fault) for _, fault in found] == [True, False]
    (tmp_path / "press.mbox").write_text(
        f"{MAILBOX}\nFrom - Thu Nov  5 10:00:00 2026\nSubject: =?\nDate: -\n\n", encoding="utf-8"
    )
    assert [type(one) for one in svodka.read(tmp_path / "press.mbox")] == [Article, Article, Reject]


def test_a_page_that_begins_with_from_is_one_article(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"From the river\n\n{BODIES[1]}\n\nFrom 2025 on.\n\n{BODIES[1]}", encoding="utf-8")
    assert len(list(svodka.read(tmp_path / "a.txt"))) == 1


def test_what_a_press_office_writes_above_a_release_is_no_part_of_it(tmp_path: Path) -> None:
    head = (
        "Subject: Fwd: Пресс-релиз: Мост открыли\nFrom: a@lug.example\n\nДобрый день, коллеги!\n\nНаправляем релиз.\n\n"
    )
    (tmp_path / "a.eml").write_text(f"{head}{BODIES[1]}\n", encoding="utf-8")
    (found,) = svodka.read(tmp_path / "a.eml")
    assert isinstance(found, Article)
    assert (found.title, found.text) == ("Мост открыли", BODIES[1])
