"""Sources: each corpus's quirks, tables, hub sets, and what goes wrong with them. All rows are invented."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from svodka.article import Article
from svodka.config.data import SourceConfig
from svodka.config.loading import load_data_config
from svodka.data.sources import CORPORA, origin_of, read_source
from svodka.data.sources.hub import data_files
from svodka.errors import DataError
from svodka.inputs.reject import Reject
from svodka.labels import TagVocabulary, read_aliases


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    body = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(body.encode()) if path.suffix == ".gz" else body.encode())
    return path


def read(kind: str, path: Path, **settings: Any) -> list[Article | Reject]:
    return list(read_source(SourceConfig(kind=kind, path=path, **settings)))  # type: ignore[arg-type]


def one(kind: str, folder: Path, row: dict[str, Any]) -> Article:
    (found,) = read(kind, write(folder / "rows.jsonl.gz", [row]))
    assert isinstance(found, Article), found
    return found


RT = {
    "title": "Заголовок",
    "summary": "Тизер.",
    "keywords": ["Порт", "порт", "Порт"],
    "url": "https://a.b/sport/article/1",
}


def rt_text(folder: Path, content: str) -> str:
    return one("rt", folder, RT | {"content": content}).text


def test_rt_row(tmp_path: Path) -> None:
    article = one("rt", tmp_path, RT | {"content": "Порт открыт.", "url": "https://a.bhttps://a.b/sport/article/1"})
    assert (article.tags, article.extra["section"], article.id) == (("Порт", "порт"), "sport", "rt-000001")
    assert article.url == "https://a.b/sport/article/1"


def test_rt_teasers_of_other_articles_go(tmp_path: Path) -> None:
    content = (
        "Порт открыли утром.\n Также по теме \n Шторм на Балтике: паромы стоят \n Волна дошла до причала, суда... \n"
        "— Ждали с весны, — говорит лоцман.\nПервым ушёл буксир."
    )
    assert rt_text(tmp_path, content) == "Порт открыли утром.\n— Ждали с весны, — говорит лоцман.\nПервым ушёл буксир."


def test_rt_links_go_back_into_their_sentences(tmp_path: Path) -> None:
    content = (
        "Лоцман рассказал в \nинтервью\n местному радио, что глубину \nпромерили\n. Буксир цел.\n"
        "Согласно акту\n, дно чистое."
    )
    assert rt_text(tmp_path, content) == (
        "Лоцман рассказал в интервью местному радио, что глубину промерили. Буксир цел.\nСогласно акту, дно чистое."
    )


def test_rt_players_embeds_credits_and_posts_go(tmp_path: Path) -> None:
    content = (
        'Порт открыт.\n\n jwplayer.key="x==";\n jwplayer("js").setup({ a: (function() {\n return {}; })() });'
        " function pauseMedia(id) { if (id) { play(false); //or jwplayer(this).stop(); } } } }\n\n Подпись к ролику \n"
        'Суда идут.<blockquote class="x" style="y"><a href="z">фото</a></blockquote>\n © Пётр Репин \n'
        "Great day at the port\n#порт\n— Harbour Pilot (@pilot) \n5 мая 2017 г.\nНа страницу галереи\n"
        "Вечером дали салют.\n"
        "* «Чёрный якорь» — террористическая группировка, запрещённая на территории страны."
    )
    assert rt_text(tmp_path, content) == "Порт открыт.\nСуда идут.\nВечером дали салют."


def test_ng_date_comes_from_the_address_and_the_dateline_goes(tmp_path: Path) -> None:
    row = {"title": "О", "summary": "", "keywords": ["лес"], "url": "http://a.b/x/2017-04-04/13_p.html"}
    article = one("ng", tmp_path, row | {"content": "Лес рубят третий год.\nНижний Бор – Москва"})
    assert (article.date, article.text) == ("2017-04-04", "Лес рубят третий год.")
    assert article.extra["section"] == ""
    inner = "http://a.b/?p=http://www.ng.ru/ng_ekologiya/2017-04-04/13_p.html"
    assert one("ng", tmp_path, row | {"content": "Лес.", "url": inner}).extra["section"] == "ng_ekologiya"


def test_a_headline_is_a_text_with_one_rubric(tmp_path: Path) -> None:
    article = one("lenta_headlines", tmp_path, {"dates": "2024/03/25", "topics": "Спорт", "titles": "Матч перенесли"})
    assert (article.text, article.title, article.tags, article.date) == ("Матч перенесли", "", ("Спорт",), "2024-03-25")


def test_a_post_loses_links_pictures_and_signature(tmp_path: Path) -> None:
    text = (
        "⚡️**Мост открыли** после [ремонта](https://a.b/c).\n\nЕдут все.\n"
        "❤ [Подписаться](https://t.me/x) | [Прислать новость](https://t.me/y)"
    )
    row = {
        "message_id": 7,
        "sender_id": -5,
        "text": text,
        "date": "2024-09-10T07:02:36+00:00",
        "channel": "Мост",
        "category": "город",
    }
    article = one("telegram", tmp_path, row)
    assert article.text == "Мост открыли после ремонта.\nЕдут все."
    assert (article.id, article.date, article.tags, article.extra["channel"]) == (
        "-5-7",
        "2024-09-10",
        ("город",),
        "Мост",
    )


def test_wikinews_headline_captions_and_italics(tmp_path: Path) -> None:
    text = "Маяк погас\nСтарый маяк\n''Смотритель'' маяка\nМаяк на ''Белом'' мысу погас ночью.\n\nЕго починят."
    article = one("wikinews", tmp_path, {"id": "9", "text": text, "entities": [["CITY", "Мыс"]]})
    assert article.title == "Маяк погас"
    assert article.text == "Маяк на Белом мысу погас ночью.\nЕго починят."
    assert article.extra["entities"] == [["CITY", "Мыс"]]


def test_reuters_wraps_signature_and_date(tmp_path: Path) -> None:
    row = {
        "id": "3",
        "title": "TIN\nUP",
        "body": "Tin rose in\nLondon.\n    Lead fell.\n Reuter",
        "topics": ["tin", "lead"],
    }
    article = one("reuters", tmp_path, row | {"date": "5-MAR-1987 04:05:39.33", "places": ["uk"]})
    assert (article.title, article.text) == ("TIN UP", "Tin rose in London.\nLead fell.")
    assert (article.date, article.lang, article.tags) == ("1987-03-05", "en", ("tin", "lead"))


def test_kyrgyz_topics_and_related_teasers(tmp_path: Path) -> None:
    text = "Биринчи сап.\nТектеш\n Башка макала \n \nЭкинчи сап."
    article = one("kyrgyz", tmp_path, {"id": "1", "text": text, "labels_set": "culture,sports"})
    assert (article.text, article.tags, article.lang) == ("Биринчи сап.\nЭкинчи сап.", ("culture", "sports"), "ky")


def test_translations_of_a_sentence_share_a_group(tmp_path: Path) -> None:
    rows = [{"lang": code, "category": "travel", "text": "…", "index_id": "5"} for code in ("rus_Cyrl", "eng_Latn")]
    found = read("sib200", write(tmp_path / "a.jsonl", rows))
    assert [a.id for a in found if isinstance(a, Article)] == ["ru-5", "en-5"]
    assert {a.extra["group"] for a in found if isinstance(a, Article)} == {"5"}


def test_languages_and_limit(tmp_path: Path) -> None:
    rows = [{"event": "e", "file": f"f{i}", "title": "t", "body": "b", "lang": ("ru", "pl")[i % 2]} for i in range(8)]
    path = write(tmp_path / "a.jsonl", rows)
    found = read("slavic", path, languages=["pl"], limit=3)
    assert [a.id for a in found if isinstance(a, Article)] == ["e-pl-f1", "e-pl-f3", "e-pl-f5"]


def test_a_table_with_its_own_names(tmp_path: Path) -> None:
    rows = [{"body": "Снег.", "head": "Зима", "themes": "погода; дороги", "n": 5, "day": None, "desk": "город"}]
    path = write(tmp_path / "own.jsonl", rows)
    fields = {"text": "body", "title": "head", "tags": "themes", "id": "n", "date": "day"}
    (article,) = read("jsonl", path, fields=fields, separator=";")
    assert article == Article("Снег.", id="5", title="Зима", tags=("погода", "дороги"), source="own")


def test_csv_and_parquet_read_as_jsonl_does(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    (tmp_path / "a.csv").write_text('\ufefftext,tags,title\n"Снег,\nснова снег",погода|дороги,\n', encoding="utf-8")
    table = pa.table({"text": ["Снег,\nснова снег"], "tags": ["погода|дороги"], "title": [None]})
    parquet.write_table(table, tmp_path / "a.parquet")
    for kind in ("csv", "parquet"):
        (article,) = read(kind, tmp_path / f"a.{kind}", separator="|")
        assert isinstance(article, Article)
        assert (article.text, article.tags, article.title) == ("Снег, снова снег", ("погода", "дороги"), "")


def test_tags_that_are_objects_give_their_names(tmp_path: Path) -> None:
    row = '{"text": "Снег.", "tags": [{"name": "погода", "score": 0.9}, {"name": null}, "дороги"]}'
    (tmp_path / "a.jsonl").write_text(row, encoding="utf-8")
    (article,) = read("jsonl", tmp_path / "a.jsonl")
    assert isinstance(article, Article)
    assert article.tags == ("погода", "дороги")


def test_rows_that_cannot_be_used_are_rejects_with_their_line(tmp_path: Path) -> None:
    lines = [
        '{"text": "Хорошо."}',
        "{",
        "[1]",
        '{"text": 5}',
        '{"text": "Да.", "tags": "снег"}',
        "",
        '{"text": "И это."}',
    ]
    (tmp_path / "a.jsonl").write_bytes("\n".join(lines).encode() + b'\n{"text": "\xff"}\n')
    found = read("jsonl", tmp_path / "a.jsonl")
    assert [type(x).__name__ for x in found] == ["Article", "Reject", "Reject", "Reject", "Reject", "Article", "Reject"]
    rejects = [x for x in found if isinstance(x, Reject)]
    assert [r.where for r in rejects] == [f"{tmp_path}/a.jsonl:{line}" for line in (2, 3, 4, 5, 8)]
    assert [r.reason for r in rejects] == ["unreadable", "unusable", "unusable", "unusable", "unreadable"]
    assert "name what separates them by source.separator" in rejects[3].detail


@pytest.mark.parametrize(
    ("kind", "name", "body", "message"),
    [
        (
            "jsonl",
            "a.jsonl",
            '{"texts": "x"}',
            r"a\.jsonl: no column 'text'; columns present: texts; name another one by --field text=texts",
        ),
        ("rt", "a.jsonl", '{"title": "x"}', r"a\.jsonl:1: no column 'summary' columns present: title"),
        ("csv", "a.csv", "head,body\nx,y\n", r"no column 'text'"),
        ("jsonl", "a.jsonl.gz", "not gzip", r"cannot read .*a\.jsonl\.gz to its end"),
        ("parquet", "a.parquet", "no parquet", r"cannot read .*a\.parquet as Parquet"),
        ("pages", "a.txt", "x", r"a source of kind 'pages' needs a folder as source\.path"),
    ],
)
def test_structural_faults_are_errors(tmp_path: Path, kind: str, name: str, body: str, message: str) -> None:
    (tmp_path / name).write_text(body, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read(kind, tmp_path / name)


@pytest.mark.parametrize(("kind", "name"), [("jsonl", "a.jsonl.gz"), ("csv", "a.csv.gz")])
def test_a_packed_file_that_is_damaged_is_told(tmp_path: Path, kind: str, name: str) -> None:
    lines = [
        f'{{"id": "{i}", "text": "слово {i * 7919}"}}' if kind == "jsonl" else f"{i},слово {i * 7919}"
        for i in range(3000)
    ]
    whole = gzip.compress("\n".join(["id,text" if kind == "csv" else "", *lines]).encode())
    damages = [whole[:2000], b"no gzip", *(whole[:at] + b"\xff" * 8 + whole[at + 8 :] for at in range(60, 2000, 90))]
    for damaged in damages:
        (tmp_path / name).write_bytes(damaged)
        with pytest.raises(DataError, match=r"cannot read .*a\."):
            read(kind, tmp_path / name)


def test_no_file_says_how_to_name_ones_own(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file or folder at .*rt\.gz; name your copy of it by source\.path=…"):
        read("rt", tmp_path / "rt.gz")


def test_a_folder_of_pages(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("Мост открыт\n\nЛид моста.\nТело моста.\n\nМост Снег Лугово\n", encoding="utf-8")
    (tmp_path / "a.txt").write_text("", encoding="utf-8")
    found = list(read_source(SourceConfig(kind="pages", path=tmp_path), TagVocabulary(("мост", "снег"))))
    assert isinstance(found[0], Reject)
    assert found[0].where == "a.txt"
    assert isinstance(found[1], Article)
    assert (found[1].id, found[1].tags, found[1].text) == ("b", ("мост", "снег"), "Тело моста.")
    assert found[1].extra["unresolved_tags"] == ["Лугово"]


def test_hub_files_are_addressed_at_their_revision() -> None:
    config = SourceConfig(kind="hub", dataset="a/b", revision="refs/convert/parquet", files="ru/{split}/*.parquet")
    assert data_files(config, "train") == "hf://datasets/a/b@refs%2Fconvert%2Fparquet/ru/train/*.parquet"
    config = config.model_copy(update={"files": "https://x.y/{dataset}/{revision}/n.csv", "revision": "v1"})
    assert data_files(config, "train") == "https://x.y/a/b/v1/n.csv"


def test_a_hub_set_is_read_through_datasets(tmp_path: Path) -> None:
    write(tmp_path / "ru_train.jsonl", [{"text": "Мост открыт.", "topic": "город, мост", "date": "2020-01-02"}])
    config = SourceConfig(
        kind="hub", dataset="reciTAL/mlsum", revision="main", files=f"{tmp_path}/ru_{{split}}.jsonl", splits=["train"]
    )
    (article,) = read_source(config)
    assert isinstance(article, Article)
    assert (article.text, article.tags, article.id) == ("Мост открыт.", ("город, мост",), "mlsum-train-000001")


def test_a_hub_that_cannot_be_reached_is_an_error_that_helps() -> None:
    config = SourceConfig(kind="hub", dataset="a/b", revision="main")
    with pytest.raises(DataError, match=r"cannot read a/b at revision main, split 'train', after 0 rows: .*network"):
        list(read_source(config))


def test_every_shipped_data_config_loads_and_names_its_origin(root: Path) -> None:
    paths = sorted((root / "configs" / "data").glob("*.yaml"))
    outlets = ["tg2019_en_independent", "tg2019_ru", "tg2019_uk_kk_uz_be"]  # three files of one kind
    others = ["gazeta", "lenta", "mlsum", "sample", "xlsum", *outlets]
    shared = ["aliases"]  # no data config
    assert [p.stem for p in paths] == sorted({*CORPORA, *others, *shared} - {"tg2019"})
    for path in (p for p in paths if p.stem not in shared):
        config = load_data_config(path)
        assert config.output == Path("prepared") / path.stem
        for source in config.sources:
            assert origin_of(source).origin
            assert path.stem in ("sample", source.kind, *outlets) or source.kind == "hub"
        assert config.topics is None or (root / config.topics).is_file()
        assert config.tags.aliases is None or read_aliases(root / config.tags.aliases)
