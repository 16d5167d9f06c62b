"""Leads and lines of tags that stand in a body."""

from svodka.inputs.targets import holds_lead, holds_tag_line, parted, without_tag_line

LEAD = "Мост через Тверцу откроют на месяц раньше срока, сообщила дорожная служба."
BODY = "Мост через Тверцу строили три года. Осталось нанести разметку."


def test_a_lead_on_a_line_of_its_own_goes() -> None:
    assert parted(f"{LEAD}\n{BODY}", LEAD) == (BODY, LEAD)


def test_a_lead_in_the_first_paragraph_goes_whatever_its_punctuation() -> None:
    retyped = LEAD.replace(",", " –").replace("Мост", "«Мост»")
    assert parted(f"{retyped} {BODY}", LEAD) == (BODY, LEAD)


def test_an_opening_that_only_resembles_the_lead_stays() -> None:
    assert parted(BODY, LEAD) == (BODY, LEAD)
    assert not holds_lead(BODY, LEAD)


def test_a_summary_of_a_few_words_is_no_lead() -> None:
    assert not holds_lead("Мост открыт. Движение пошло в девять утра.", "Мост открыт.")


def test_a_line_of_the_articles_own_tags_goes() -> None:
    text = f"{BODY}\nТранспорт Строительство"
    assert holds_tag_line(text, ("транспорт", "строительство"))
    assert without_tag_line(text, ("транспорт", "строительство")) == BODY


def test_a_last_sentence_that_names_tags_stays() -> None:
    text = f"{BODY}\nТранспорт и строительство остаются главными статьями расходов области."
    assert without_tag_line(text, ("транспорт", "строительство")) == text


def test_a_single_tag_as_last_line_is_no_line_of_tags() -> None:
    assert not holds_tag_line(f"{BODY}\nТранспорт", ("транспорт", "строительство"))


def test_tags_of_several_words() -> None:
    assert without_tag_line(f"{BODY}\nЖелезная дорога, общество", ("железная дорога", "общество")) == BODY
