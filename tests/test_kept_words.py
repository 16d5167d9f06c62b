"""What is known of words is kept; numbers, of which every article has others, take no room."""

from svodka.facts.morphology import kept_for_words
from svodka.summaries.clutter import has_predicate, is_fragment
from svodka.summaries.standing import speaks_of_itself


def test_words_are_asked_once_and_numbers_never() -> None:
    asked = []

    @kept_for_words(9, number=0)
    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    assert [length(word) for word in ("мост", "2024", "мост", "17", "2024-й")] == [4, 0, 4, 0, 6]
    assert asked == ["мост", "2024-й"]


def test_numbers_are_no_predicates_and_nobody() -> None:
    assert has_predicate("открыли")
    assert not has_predicate("2024")
    assert is_fragment("Мост номер 17.")
    assert speaks_of_itself("Едем 17 часов.")
    assert not speaks_of_itself("Мост 17 открыт.")
