"""An article as the model reads it, with a small tokenizer trained here."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from svodka.article import Article
from svodka.config.training import ModelSection, TokenizerConfig
from svodka.errors import ConfigError
from svodka.model.encoding import NO_SENTENCE, ArticleEncoder, Encoding, special_tokens
from svodka.training.tokenizer import load_tokenizer, train_tokenizer

TEXTS = [
    "В Заречье открыли мост после ремонта. Рабочие сменили опоры и настил. Первым по мосту проехал автобус.",
    "Областной музей показал сто картин местных художников. Вход свободный до конца марта, сообщил директор.",
    "Сборная города выиграла кубок по хоккею. Решающую шайбу забросил защитник на последней минуте матча.",
    "Синоптики обещают снег и сильный ветер. Водителей просят не выезжать на трассу без зимних шин.",
    "Фермеры собрали рекордный урожай яблок. Часть урожая отправят в соседние области, остальное переработают.",
]
ARTICLE = Article(TEXTS[0], title="Вход на мост снова открыт")
LONG = Article("\n".join(TEXTS * 3), title="Новости недели")


def trained(*, start_token: bool) -> PreTrainedTokenizerBase:
    return train_tokenizer(TEXTS, TokenizerConfig(size=300), start_token=start_token)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    return trained(start_token=True)


def encoder(tokenizer: PreTrainedTokenizerBase, tokens: int = 512, overlap: int = 8, limit: int = 16) -> ArticleEncoder:
    return ArticleEncoder(tokenizer, tokens, overlap=overlap, limit=limit)


def owned(encoding: Encoding) -> list[tuple[int, int]]:
    """(token, sentence) of every token that a window owns, in reading order."""
    return [
        (token, sentence)
        for ids, owners in zip(encoding.input_ids, encoding.sentence_ids, strict=True)
        for token, sentence in zip(ids, owners, strict=True)
        if sentence != NO_SENTENCE
    ]


def test_every_token_knows_its_sentence(tokenizer: PreTrainedTokenizerBase) -> None:
    [found] = encoder(tokenizer).encode([ARTICLE])
    assert len(found.input_ids) == 1
    assert found.sentences == [ARTICLE.title, *(s + "." for s in TEXTS[0].rstrip(".").split(". "))]
    assert (found.n_read, found.cut) == (4, 0)
    for i, sentence in enumerate(found.sentences):
        own = [token for token, owner in owned(found) if owner == i]
        assert tokenizer.decode(own, skip_special_tokens=True).strip() == sentence


def test_special_tokens_frame_a_window_and_belong_to_no_sentence(tokenizer: PreTrainedTokenizerBase) -> None:
    [found] = encoder(tokenizer).encode([ARTICLE])
    assert (found.input_ids[0][0], found.input_ids[0][-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)
    assert found.sentence_ids[0][0] == found.sentence_ids[0][-1] == NO_SENTENCE
    # A separator ends the title, so that it does not run into the body.
    title = [token for token, owner in owned(found) if owner == 0]
    assert title[-1] == tokenizer.sep_token_id


def test_no_title_leaves_no_separator(tokenizer: PreTrainedTokenizerBase) -> None:
    [found] = encoder(tokenizer).encode([Article(TEXTS[1])])
    assert found.sentences[0] == ""
    assert {owner for _, owner in owned(found)} == {1, 2}
    assert found.n_read == 3


def test_many_articles_come_back_in_their_order(tokenizer: PreTrainedTokenizerBase) -> None:
    several = encoder(tokenizer)
    articles = [Article(TEXTS[i % 5], title=f"Новость {i}") for i in range(40)]
    assert several.encode(articles) == [several.encode([article])[0] for article in articles]
    assert several.encode([]) == []


def test_windows_of_a_long_article_own_the_same_tokens_as_one(tokenizer: PreTrainedTokenizerBase) -> None:
    [whole] = encoder(tokenizer, 4096).encode([LONG])
    [pieces] = encoder(tokenizer, 40, overlap=12, limit=99).encode([LONG])
    assert len(pieces.input_ids) > 10
    assert owned(pieces) == owned(whole)
    assert {len(ids) for ids in pieces.input_ids} == {40}
    assert pieces.n_tokens == 40 * len(pieces.input_ids)
    for ids, owners in zip(pieces.input_ids, pieces.sentence_ids, strict=True):
        assert (ids[0], ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)
        assert len(ids) == len(owners)


def test_what_is_not_read_is_counted(tokenizer: PreTrainedTokenizerBase) -> None:
    [whole] = encoder(tokenizer, 4096).encode([LONG])
    [short] = encoder(tokenizer, 40, overlap=12, limit=2).encode([LONG])
    assert owned(short) == owned(whole)[: len(owned(short))]
    assert short.cut == len(owned(whole)) - len(owned(short)) > 0
    assert short.sentences == whole.sentences
    assert short.n_read == 1 + owned(short)[-1][1] < whole.n_read


def test_of_a_text_far_longer_than_what_is_read_only_the_beginning_is_split(tokenizer: PreTrainedTokenizerBase) -> None:
    line, n = "Снег шёл всю ночь. ", 10_000
    [found] = encoder(tokenizer, 40, overlap=12, limit=2).encode([Article(line * n)])
    [alike] = encoder(tokenizer, 40, overlap=12, limit=2).encode([Article(line * 500)])
    assert found.input_ids == alike.input_ids
    assert len(found.sentences) < n / 5
    # What is not split is counted all the same.
    [one] = encoder(tokenizer).encode([Article(line)])
    assert found.cut + len(owned(found)) == pytest.approx(n * len(owned(one)), rel=0.01)


def test_several_at_once_are_as_one_by_one(tokenizer: PreTrainedTokenizerBase) -> None:
    articles = [ARTICLE, Article("", title=""), Article("Снег."), LONG, Article(TEXTS[2], title="Кубок наш")]
    together = encoder(tokenizer, 64).encode(articles)
    assert together == [encoder(tokenizer, 64).encode([article])[0] for article in articles]
    assert encoder(tokenizer).encode([]) == []


def test_a_body_without_a_sentence_is_its_title(tokenizer: PreTrainedTokenizerBase) -> None:
    [found] = encoder(tokenizer).encode([Article("", title="Вход открыт")])
    assert (found.sentences, found.n_read, found.cut) == (["Вход открыт"], 1, 0)
    [nothing] = encoder(tokenizer).encode([Article("")])
    assert nothing.input_ids == [[tokenizer.cls_token_id, tokenizer.sep_token_id]]
    assert nothing.n_read == 1


@pytest.mark.parametrize("start_token", [True, False])
def test_a_trained_tokenizer_gives_the_text_back(start_token: bool) -> None:
    made = trained(start_token=start_token)
    start, end = made.bos_token_id, made.eos_token_id
    assert special_tokens(made) == ([start] if start_token else [], [end])
    assert made.convert_tokens_to_ids(["<pad>", "<unk>", "<s>", "</s>", "<mask>"]) == [0, 1, 2, 3, 4]
    assert made.pad_token_id == 0
    [found] = encoder(made).encode([ARTICLE])
    assert made.unk_token_id not in found.input_ids[0]
    assert made.decode(made(ARTICLE.text)["input_ids"], skip_special_tokens=True) == ARTICLE.text


def test_the_same_texts_give_the_same_tokenizer(tokenizer: PreTrainedTokenizerBase) -> None:
    assert trained(start_token=True).get_vocab() == tokenizer.get_vocab()


def test_a_saved_tokenizer_encodes_alike(tokenizer: PreTrainedTokenizerBase, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    assert encoder(again, 48).encode([LONG, ARTICLE]) == encoder(tokenizer, 48).encode([LONG, ARTICLE])


def test_a_window_with_no_room_is_refused(tokenizer: PreTrainedTokenizerBase) -> None:
    with pytest.raises(
        ConfigError,
        match=r"a window of 16 tokens leaves 14 for text beside the special tokens, which must be more than the "
        r"overlap of 14; raise model\.window\.tokens",
    ):
        encoder(tokenizer, 16, overlap=14)


def section(**tokenizer: object) -> ModelSection:
    return ModelSection.model_validate({"backbone": {"model_type": "bert"}, "tokenizer": tokenizer})


def test_a_tokenizer_is_taken_from_a_folder(tokenizer: PreTrainedTokenizerBase, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    found = load_tokenizer(section(path=str(tmp_path)))
    assert found is not None
    assert found.get_vocab() == tokenizer.get_vocab()
    assert load_tokenizer(section()) is None


def test_a_tokenizer_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot load a tokenizer from '.*absent'"):
        load_tokenizer(section(path=str(tmp_path / "absent")))
