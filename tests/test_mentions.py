"""Names found in sentences by lemma."""

from svodka.facts.mentions import Mentions


def test_a_name_is_found_in_any_of_its_forms_and_only_whole() -> None:
    finder = Mentions([["железная дорога"], ["Луговск", "г. Луговск"], ["дорога"], ["!!!"]])
    found = finder.find(["Поезда железной дороги встали", "", "В Луговске ремонтируют дороги.", "Железная воля."])
    assert found == [[0], [2], [0, 2], []]
