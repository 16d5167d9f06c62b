"""Days as newsrooms write them."""

from datetime import date
from typing import Any

import pytest

from svodka.inputs.days import day_of


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-05", "2026-11-05T23:30:00+05:00", "05.11.2026", "05 . 11 . 2026", "05.11.26", "5.11.2026, 10:15",
        "5/11/2026",
        "5 ноября 2026, 10:15",
        "5 November 2026", "November 5, 2026", "Thu, 05 Nov 2026 10:00:00 GMT", "5 листопада 2026", "20261105",
        "05-11-2026", "2026/11/05", "2026.11.5",
        "November 5th, 2026", "Thu Nov 5 10:15:00 2026", "2026 жылғы 5 қараша", "2026 ж. 5 қараша", "5-ноябрь, 2026",
        "«5» ноября 2026 г.", "5 лістапада 2026", "5 нояб. 2026", "05-НОЯ-2026", "05‑11‑2026",
        "5 ноября 2026г", "05.11.2026г.", "5-noyabr 2026", "Thu Nov 5 10:15:00 MSK 2026", "/Date(1793836800000)/",
        1793836800, 1793836800000, "1793836800", date(2026, 11, 5),
    ],
)  # fmt: skip
def test_a_whole_date_is_read(written: Any) -> None:
    assert day_of(written) == "2026-11-05"


def test_a_second_number_above_twelve_makes_a_date_american() -> None:
    assert day_of("11/25/2026") == "2026-11-25"


@pytest.mark.parametrize(
    "written",
    [
        "2026",
        "© 2019–2026",
        "31.02.2026",
        "сегодня, 10:00",
        "5 ноября",
        "",
        None,
        True,
        5,
        "5 мартобря 2026",
        "250-11-20",
    ],
)
def test_anything_less_is_no_date(written: Any) -> None:
    assert day_of(written) == ""
