"""The greedy oracle: which sentences make the best extractive summary."""

import pytest

from svodka.training.oracle import greedy_oracle

SENTENCES = [
    "Погода в городе стоит тёплая.",
    "Мост через реку открыли в субботу.",
    "Открыли в субботу и новый парк.",
    "Рабочие сменили опоры моста за лето.",
]


def test_the_sentence_that_is_the_summary() -> None:
    assert greedy_oracle(SENTENCES, SENTENCES[1], 3) == [1]


def test_two_sentences_make_the_summary_and_come_in_their_order() -> None:
    assert greedy_oracle(SENTENCES, f"{SENTENCES[3]} {SENTENCES[0]}", 3) == [0, 3]
    assert greedy_oracle(SENTENCES, f"{SENTENCES[3]} {SENTENCES[0]}", 1) == [3]


def test_it_stops_where_nothing_is_gained_by_hand() -> None:
    # Against «а б в» (words а б в, pairs аб бв): «а б» scores 2*2/5 + 2*1/3, «в г» 2*1/5 + 0.
    # Together: words а б в г: 2*3/7; pairs аб вг: 2*1/4. That sum, 1.357, is below 1.467: the second stays out.
    assert greedy_oracle(["в г", "а б"], "а б в", 2) == [1]
    # «в» alone has no pair: together the words are whole, 1, and the pair аб stays at 2/3.
    assert greedy_oracle(["в", "а б"], "а б в", 2) == [0, 1]


def test_of_two_alike_the_first_is_taken() -> None:
    assert greedy_oracle([SENTENCES[1]] * 3, SENTENCES[1], 3) == [0]


def test_words_are_compared_without_case_and_punctuation() -> None:
    assert greedy_oracle(["«ТЁПЛАЯ погода»!", "Снег."], "теплая погода", 1) == [0]


@pytest.mark.parametrize(
    ("sentences", "summary"),
    [(SENTENCES, "Курс валют упал."), (SENTENCES, ""), ([], "Мост открыли."), (["", "…"], "Мост")],
)
def test_nothing_overlaps(sentences: list[str], summary: str) -> None:
    assert greedy_oracle(sentences, summary, 3) == []
