"""Names found in sentences by lemma."""

from svodka.facts.mentions import NOWHERE, Mentions


def test_a_name_is_found_in_any_of_its_forms_and_only_whole() -> None:
    finder = Mentions([["железная дорога"], ["Луговск", "г. Луговск"], ["дорога"], ["!!!"]])
    found = finder.find(["Поезда железной дороги встали", "", "В Луговске ремонтируют дороги.", "Железная воля."])
    assert found == [[0], [2], [0, 2], []]


def test_the_place_of_a_name_is_that_of_the_first_sentence_in_which_it_stands() -> None:
    finder = Mentions([["Луговск"], ["мост"], ["школа"], ["река"]])
    sentences = ["Мост открыт", "В Луговске праздник.", "Мосту рады.", "Ждали год.", "Пришли все.", "Школы закрыты."]
    assert finder.places(sentences) == [1, 0, 2, NOWHERE]


def test_a_name_is_found_by_what_every_newsroom_calls_it_too_but_not_by_its_adjective() -> None:
    finder = Mentions([["Казахстан"], ["Россия"], ["США"]])
    sentences = ["Премьер РК в Москве", "Российские учёные приехали.", "Соединённые Штаты Америки далеко.", "РФ рядом."]
    assert finder.find(sentences) == [[0], [3], [2]]
