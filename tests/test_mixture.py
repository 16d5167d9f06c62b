"""Several corpora in a run: what an epoch reads of each, and what each tells of the tags."""

import hashlib
from collections import Counter
from pathlib import Path

import pytest
import torch

from svodka.config.training import CorpusConfig
from svodka.data.store import Manifest, PreparedData
from svodka.errors import ConfigError
from svodka.labels import TagVocabulary
from svodka.training.mixture import Corpus, Draw, Mixture, data_facts, epoch_rows


def drawn(draw: Draw, epochs: int, *, seed: int = 1) -> list[int]:
    """The rows of the first epochs, one after another."""
    return [row for epoch in range(epochs) for row in draw.rows(seed=seed, epoch=epoch).tolist()]


def test_without_a_count_an_epoch_reads_all_rows_in_order() -> None:
    assert drawn(Draw(4), 2) == [0, 1, 2, 3, 0, 1, 2, 3]


def test_no_row_comes_twice_before_each_has_come_once() -> None:
    # Five epochs of four are two permutations of ten: the third epoch has the end of one and the start of the next.
    rows = drawn(Draw(10, count=4), 5)
    assert len(rows) == 20
    assert sorted(rows[:10]) == sorted(rows[10:]) == list(range(10))
    assert rows[:10] != rows[10:]


def test_a_small_corpus_comes_several_times_in_an_epoch() -> None:
    # Seven of three rows: two permutations and the first row of a third, whose other two rows the next epoch begins.
    rows = drawn(Draw(3, count=7), 3)
    assert len(rows) == 21
    assert all(sorted(rows[i : i + 3]) == [0, 1, 2] for i in range(0, 21, 3))


def test_an_epoch_of_exactly_one_permutation() -> None:
    rows = drawn(Draw(5, count=5), 2)
    assert sorted(rows[:5]) == sorted(rows[5:]) == list(range(5))


def test_rows_depend_on_seed_and_epoch_alone() -> None:
    draw = Draw(100, count=10)
    later = draw.rows(seed=1, epoch=7).tolist()
    assert later == drawn(draw, 8)[70:]
    assert later != draw.rows(seed=2, epoch=7).tolist()
    assert later != draw.rows(seed=1, epoch=6).tolist()


def test_of_a_large_corpus_the_same_part_is_used_in_every_epoch() -> None:
    rows = drawn(Draw(50, count=4, most=6), 6)
    assert len(set(rows)) == 6
    assert set(Counter(rows).values()) == {4}  # 24 rows, four permutations of the six
    assert sorted(rows[:6]) == sorted(rows[6:12])
    assert len(set(drawn(Draw(50, count=4, most=6), 6, seed=2)) | set(rows)) > 6
    assert drawn(Draw(50, most=6), 2) == drawn(Draw(50, most=6), 1) * 2
    # Those of `most` rows are the same with any count.
    assert set(drawn(Draw(50, most=6), 1)) == set(rows)


@pytest.mark.parametrize("most", [5, 6])
def test_a_most_that_is_no_less_than_the_corpus_changes_nothing(most: int) -> None:
    assert drawn(Draw(5, count=3, most=most), 4) == drawn(Draw(5, count=3), 4)


def test_nothing_can_be_drawn() -> None:
    assert drawn(Draw(5, count=0), 3) == drawn(Draw(0, count=4), 3) == drawn(Draw(0), 3) == []
    assert epoch_rows([], seed=1, epoch=0).tolist() == []
    assert epoch_rows([Draw(0), Draw(5, count=0)], seed=1, epoch=0).dtype == torch.int64


def test_rows_of_the_joined_split_lie_behind_those_of_earlier_corpora() -> None:
    rows = epoch_rows([Draw(3), Draw(4, count=2), Draw(0, count=9), Draw(2, count=2)], seed=1, epoch=0).tolist()
    assert rows[:3] == [0, 1, 2]
    assert [3 + row for row in Draw(4, count=2).rows(seed=1, epoch=0).tolist()] == rows[3:5]
    assert sorted(rows[5:]) == [7, 8]


def prepared(name: str, *, tags: tuple[str, ...] = (), train: int = 10, lang: str = "ru") -> PreparedData:
    """Prepared data as far as a mixture looks at them without a row."""
    manifest = Manifest(
        hash=f"hash of {name}", config={}, sources=[{"name": name, "origin": "сайт", "licence": "своя"}],
        read=train, kept=train, dropped={}, mended={}, near_duplicates=0,
        splits={"train": train, "validation": 0, "test": 0}, tags=len(tags), topics={}, languages={lang: train},
        unresolved={},
    )  # fmt: skip
    return PreparedData(Path("folders") / name, manifest, TagVocabulary(tags))


def settings(**fields: object) -> CorpusConfig:
    data = {"source": {"kind": "jsonl", "path": "a"}, "output": "b"}
    return CorpusConfig.model_validate({"data": data, **fields})


MAIN = Corpus("main", prepared("main", tags=("а", "б"), train=400))
OTHER = Corpus.beside(MAIN.data, settings(), prepared("other", tags=("б", "в"), train=100))


def test_an_epoch_grows_with_the_root_of_a_corpus() -> None:
    # Beside 400 articles: 100 give 400 * sqrt(1/4) = 200, 1600 give 400 * sqrt(4) = 800, 50 give 400 / sqrt(8).
    sizes = {100: 200, 1600: 800, 50: 141, 0: 0}
    found = {size: Corpus.beside(MAIN.data, settings(), prepared("x", train=size)).rows for size in sizes}
    assert found == sizes
    # A main corpus without an article is told of elsewhere.
    assert Corpus.beside(prepared("main", train=0), settings(), prepared("x", train=100)).rows == 0


def test_a_corpus_is_as_it_was_asked_for() -> None:
    asked = settings(tags="none", rows=7, most=30, validation=4)
    corpus = Corpus.beside(MAIN.data, asked, prepared("x", train=100))
    assert (corpus.name, corpus.tags, corpus.rows, corpus.most, corpus.validation) == ("x", "none", 7, 30, 4)
    # Of a corpus that is not used whole the rest is not even encoded.
    assert Mixture((MAIN, corpus)).draws == [Draw(400), Draw(30, 7)]
    used = corpus.used(1)
    assert used == sorted(Draw(100, most=30).rows(seed=1, epoch=0).tolist())
    assert len(set(used)) == 30
    assert used != corpus.used(2)
    assert MAIN.used(1) == list(range(400))
    # No row is a number of rows too.
    assert Corpus.beside(MAIN.data, settings(rows=0), prepared("x", train=100)).rows == 0


def test_a_tag_that_a_corpus_never_uses_is_unknown_of_its_rows() -> None:
    silent = Corpus.beside(MAIN.data, settings(tags="none"), prepared("silent", tags=("а", "г")))
    empty = Corpus.beside(MAIN.data, settings(tags="all"), prepared("empty"))
    mixture = Mixture((MAIN, OTHER, silent, empty))
    # The tags of a corpus that tells nothing of them are not learnt at all.
    assert mixture.labels.names == ("а", "б", "в")
    assert mixture.labels.outlets == {"а": ("main",), "б": ("main", "other"), "в": ("other",)}
    assert mixture.known().tolist() == [
        [True, True, False],
        [False, True, True],
        [False, False, False],
        [True, True, True],
    ]


def test_one_corpus_alone_stays_as_it_is() -> None:
    alone = Mixture((MAIN,))
    assert alone.labels is MAIN.data.labels
    assert alone.hash == MAIN.data.hash
    assert alone.facts == data_facts(MAIN.data)
    assert alone.known().tolist() == [[True, True]]
    assert alone.draws == [Draw(400)]


def test_no_tags_are_a_table_without_columns() -> None:
    bare = Corpus("bare", prepared("bare"))
    for mixture in (Mixture((bare,)), Mixture((bare, Corpus("more", prepared("more"), "none")))):
        known = mixture.known()
        assert (known.shape, known.dtype) == ((len(mixture.corpora), 0), torch.bool)


def test_the_hash_names_the_corpora_and_what_their_tags_tell() -> None:
    mixture = Mixture((MAIN, OTHER))
    told = "main own hash of main\nother own hash of other\n"
    assert mixture.hash == hashlib.sha256(told.encode()).hexdigest()
    silent = Corpus("other", OTHER.data, "none")
    others = [Mixture((OTHER, MAIN)), Mixture((MAIN, silent)), Mixture((MAIN,))]
    assert len({mixture.hash, *(other.hash for other in others)}) == 4
    assert mixture.facts == {
        "hash": mixture.hash,
        "main": data_facts(MAIN.data),
        "other": data_facts(OTHER.data),
    }


def test_origins_and_languages_of_all_corpora_the_main_ones_first() -> None:
    mixture = Mixture((MAIN, OTHER, Corpus("kk", prepared("kk", lang="kk"))))
    assert mixture.languages == ["ru", "kk"]
    assert mixture.origins == [f"{name}: сайт (licence: своя)" for name in ("main", "other", "kk")]


def test_corpora_are_told_apart_by_the_names_of_their_folders() -> None:
    # Of two corpora of one name, one's tags would be taken for the other's.
    with pytest.raises(ConfigError, match=r"corpora are told apart by the names of their folders; doubled: main;"):
        Mixture((MAIN, OTHER, Corpus("main", prepared("main"))))
