"""Configs: values by declared type, overrides, every error at once, and the shipped files."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from svodka.config.loading import load_data_config, load_pretrain_config, load_run_config, load_tune_config
from svodka.data.topic_map import TopicMap
from svodka.errors import ConfigError
from svodka.labels import read_aliases

DATA = "source: {kind: jsonl, path: news.jsonl}\noutput: prepared/news\n"
RUN = """
data: data/news.yaml
output: runs/news
model: {backbone: {model_type: bert, settings: {hidden_size: 32}}}
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "news.yaml"
    path.write_text(DATA, encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path: Path, data: Path) -> Path:
    path = tmp_path / "run.yaml"
    path.write_text(RUN, encoding="utf-8")
    return path


def test_every_shipped_config_loads(root: Path) -> None:
    recipes = sorted((root / "configs" / "recipes").glob("*.yaml"))
    assert len(recipes) == 7
    checks = sorted((root / "configs" / "plan_check").glob("*.yaml"))
    assert {path.name for path in checks} == {"bert.yaml", "t5.yaml"}
    runs = sorted((root / "configs").glob("*.yaml")) + recipes + checks
    # What outlets call alike lies beside the corpora that read it.
    datas = sorted(path for path in (root / "configs" / "data").glob("*.yaml") if path.name != "aliases.yaml")
    shipped = {"demo.yaml", "joint.yaml", "own.yaml", "rt.yaml", "student.yaml", "teacher.yaml"}
    assert shipped <= {path.name for path in runs}
    assert {"noise.yaml", "sample.yaml"} <= {path.name for path in datas}
    for path in runs:
        config = load_run_config(path)
        assert load_data_config(path) == config.data
    assert len({load_run_config(path).output for path in runs}) == len(runs)
    for path in datas:
        config = load_data_config(path)
        assert config.sources
        assert config.tags.aliases is None or read_aliases(root / config.tags.aliases)
        assert config.topics is None or TopicMap.read(root / config.topics).labels
    pretrainings = sorted((root / "configs" / "pretraining").glob("*.yaml"))
    assert {path.name for path in pretrainings} == {"small.yaml"}
    assert all(load_pretrain_config(path).corpora for path in pretrainings)
    tunings = sorted((root / "configs" / "tuning").glob("*.yaml"))
    assert {path.name for path in tunings} == {"rt.yaml"}
    assert all(load_run_config(load_tune_config(path).run) for path in tunings)


def test_the_data_of_a_run_are_found_beside_its_file(run: Path, data: Path) -> None:
    assert load_run_config(run).data == load_data_config(data)
    assert load_data_config(run) == load_data_config(data)


def test_yaml_numbers_are_read_by_the_declared_type(run: Path) -> None:
    config = load_run_config(run, ["training.learning_rate=2e-5", "training.epochs=2", "seed=7"])
    assert config.training.learning_rate == 2e-5
    assert isinstance(config.training.epochs, float)
    assert config.seed == 7


def test_overrides_reach_sections_lists_and_settings(run: Path, data: Path) -> None:
    config = load_run_config(run, ["data.source.limit=5", "model.backbone.settings.hidden_size=64", "output=runs/else"])
    assert config.data.sources[0].limit == 5
    assert config.model.backbone.settings == {"hidden_size": 64}
    assert config.output == Path("runs/else")
    data.write_text("source: [{kind: jsonl, path: a}, {kind: csv, path: b}]\noutput: out\n", encoding="utf-8")
    assert load_data_config(data, ["source.1.path=c=d"]).sources[1].path == Path("c=d")


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("data.source.separator=|", "data.source.separator", "|"),
        ("data.source.separator=,", "data.source.separator", ","),
        ("data.source.separator=#", "data.source.separator", "#"),
        ("data.source.separator= ", "data.source.separator", " "),
        ("data.source.separator='", "data.source.separator", "'"),
        ("data.source.separator=", "data.source.separator", None),
        ("data.source.separator=null", "data.source.separator", None),
        ("data.source.revision=1234567", "data.source.revision", "1234567"),
        ("bundle.name=1.10", "bundle.name", "1.10"),
        ("bundle.name=007", "bundle.name", "007"),
        ("bundle.name='2026'", "bundle.name", "2026"),
        ("bundle.about=Тест: [1]", "bundle.about", "Тест: [1]"),
        ("output=2024", "output", Path("2024")),
        ("seed=010", "seed", 10),
        ("training.learning_rate=2e-5", "training.learning_rate", 2e-5),
        ("training.gradient_checkpointing=true", "training.gradient_checkpointing", True),
        ("training.precision=bf16", "training.precision", "bf16"),
        ("training.freeze=[a, b]", "training.freeze", ["a", "b"]),
        ("model.backbone.settings.hidden_size=64", "model.backbone.settings.hidden_size", 64),
    ],
)
def test_an_override_of_a_plain_field_is_the_text_that_was_typed(
    run: Path, override: str, path: str, value: object
) -> None:
    found: object = load_run_config(run, [override])
    for name in path.split("."):
        found = found[name] if isinstance(found, dict) else getattr(found, name)
    assert found == value
    assert type(found) is type(value)


def test_a_section_that_the_file_leaves_out_may_be_overridden(run: Path) -> None:
    assert load_run_config(run, ["model.window.tokens=128"]).model.window.tokens == 128
    assert load_run_config(run, ["training.eval_steps=null"]).training.eval_steps is None


def test_a_run_may_be_given_other_data(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(DATA.replace("prepared/news", "prepared/other"), encoding="utf-8")
    config = load_run_config(run, ["data.source.limit=2", f"data={other}"])
    assert config.data.output == Path("prepared/other")
    assert config.data.sources[0].limit == 2


def test_the_corpora_beside_the_main_one_are_found_beside_the_file(run: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "other.yaml").write_text(DATA.replace("prepared/news", "prepared/other"), encoding="utf-8")
    written = "  - {data: {source: {kind: csv, path: c.csv}, output: prepared/c}, tags: none, rows: 5, most: 9}\n"
    run.write_text(RUN + "beside:\n  - {data: data/other.yaml}\n" + written, encoding="utf-8")
    first, second = load_run_config(run, ["beside.1.rows=7", "beside.0.data.source.limit=2"]).beside
    assert (first.data.output, first.data.sources[0].limit) == (Path("prepared/other"), 2)
    assert (first.tags, first.rows, first.most, first.validation) == ("own", None, None, 300)
    assert (second.data.output, second.tags, second.rows, second.most) == (Path("prepared/c"), "none", 7, 9)
    with pytest.raises(ConfigError, match=r"beside\.1\.rowz: unknown key; did you mean 'rows'\?"):
        load_run_config(run, ["beside.1.rowz=7"])
    with pytest.raises(ConfigError, match=r"beside\.0\.tags: Input should be 'own', 'none' or 'all' \(got 'some'\)"):
        load_run_config(run, ["beside.0.tags=some"])
    run.write_text(RUN + "beside: [{data: data/othr.yaml}]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"no config at .*othr\.yaml; did you mean .*other\.yaml\?"):
        load_run_config(run)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epochs", r"override 'training\.epochs' must be key=value, as training\.epochs=2"),
        ("=5", r"override '=5' must be key=value"),
        ("seed=[1", r"seed: Input should be a valid integer.* \(got '\[1'\)"),
        ("training.freeze=[a", r"override 'training\.freeze=\[a': the value is no YAML"),
        ("training.Epochs=3", r"training\.Epochs: unknown key; did you mean 'epochs'\?"),
        ("Training={epochs: 3}", r"Training: unknown key; did you mean 'training'\?"),
        ("training.epochs=inf", r"training\.epochs: Input should be a finite number \(got 'inf'\)"),
        ("training.epochs=", r"training\.epochs: Input should be a valid number \(got 'None'\)"),
        ("seed.deep=1", r"override 'seed\.deep=1': .* under a plain value"),
        ("training.epoch=1", r"training\.epoch: unknown key; did you mean 'epochs'\?"),
        ("training.epochs=-1", r"training\.epochs: Input should be greater than 0 \(got '-1'\)"),
        ("training.epochs=many", r"training\.epochs: Input should be a valid number.* \(got 'many'\)"),
        ("training.precision=fp16", r"training\.precision: Input should be 'fp32' or 'bf16' \(got 'fp16'\)"),
        ("model.window.overlap=300", r"model\.window: `overlap` must be at most half of `tokens`"),
        ("model.tokenizer.size=10", r"model\.tokenizer\.size: Input should be greater than or equal to 300"),
        ("model.backbone.pretrained=x", r"model\.backbone: give either `pretrained` \(load weights\) or `model_type`"),
        ("data.source.fields={headline: h}", r"unknown: \['headline'\], allowed: \['text', "),
        ("data.source.kind=xml", r"data\.source\.kind: Input should be 'jsonl', .* \(got 'xml'\)"),
        ("data.source.path=null", r"data\.source: a source of kind 'jsonl' needs `path`"),
        ("data.source={kind: hub, dataset: a/b}", r"data\.source: a hub source needs `dataset` and `revision`"),
        ("data.split.test=1.5", r"data\.split\.test: must be a share below 1 or a whole number of articles"),
    ],
)
def test_what_is_wrong_is_named_with_its_path(run: Path, override: str, message: str) -> None:
    overrides = [override] if override != "seed.deep=1" else ["seed=13", override]
    with pytest.raises(ConfigError, match=message):
        load_run_config(run, overrides)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["model.tags.weight=0", "model.sentences.weight=0"],
            r"model: at least one of `tags`, `topics`, `sentences`, `decoder` needs a weight above 0",
        ),
        (
            ["model.decoder.weight=1", "model.backbone.encoder_only=true"],
            r"model: `decoder\.weight` above 0 needs the decoder that `backbone\.encoder_only` leaves out",
        ),
        (["model.tags.lexical_rank=8"], r"model\.tags: `blend` and `lexical_rank` need `lexical: true`"),
        (
            ["model.backbone.layers=[0]"],
            r"model\.backbone: `layers` chooses among those of a `pretrained` backbone",
        ),
        (["model.teaching.weight=2"], r"model\.teaching: `weight` above 0 and `teacher` go together"),
        (["model.teaching.teacher=runs/a"], r"model\.teaching: `weight` above 0 and `teacher` go together"),
        (
            ["model.teaching={weight: 2, teacher: runs/a/bundle}"],
            r"\(top level\): `model\.teaching` needs `training\.states`, the folder that keeps the teacher's states",
        ),
        (
            ["training.states=prepared/states", "training.lora={rank: 4}"],
            r"\(top level\): `training\.states` without `model\.teaching` keeps the backbone as it is, and `tr",
        ),
    ],
)
def test_rules_across_fields(run: Path, overrides: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_run_config(run, overrides)


def test_all_errors_come_at_once_one_a_line(run: Path) -> None:
    wrong = ["training.epochs=0", "data.source.pth=x", "model.tagz={}", "data.tags.min_count=0"]
    with pytest.raises(ConfigError) as caught:
        load_run_config(run, wrong)
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("run.yaml has 4 error(s):")
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "data.source.pth", "data.tags.min_count", "model.tagz", "training.epochs",
    ]  # fmt: skip
    assert "did you mean 'path'?" in lines[1]
    assert "did you mean 'tags'?" in lines[3]


def test_a_list_of_sources_is_named_by_position(data: Path) -> None:
    data.write_text("source: [{kind: jsonl, path: a}, {kind: jsonl, pth: b}]\noutput: out\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"source\.1\.pth: unknown key; did you mean 'path'\?"):
        load_data_config(data)
    with pytest.raises(ConfigError, match=r"override 'source\.2\.path=c': '2' must be a position from 0 to 1"):
        load_data_config(data, ["source.2.path=c"])


def test_a_missing_key_is_named(data: Path) -> None:
    data.write_text("source: {kind: jsonl, path: a}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"has 1 error\(s\):\n  output: missing$"):
        load_data_config(data)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"- a\n- b\n", r"must hold a mapping of settings, got list"),
        (b"", r"must hold a mapping of settings, got NoneType"),
        (b"source: {kind: [\n", r"cannot read .*news\.yaml as YAML"),
        ("output: новости\n".encode("cp1251"), r"cannot read .*news\.yaml as YAML"),
    ],
)
def test_a_file_that_is_no_config(data: Path, body: bytes, message: str) -> None:
    data.write_bytes(body)
    with pytest.raises(ConfigError, match=message):
        load_data_config(data)


def test_an_error_in_the_form_that_was_not_chosen_is_told_too(data: Path) -> None:
    data.write_text("source: [[[1]]]\noutput: out\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"source\.0: Input should be a valid dictionary .* \(got '\[\[1\]\]'\)"):
        load_data_config(data)


def test_an_absent_file_names_the_nearest(run: Path) -> None:
    with pytest.raises(ConfigError, match=r"no config at .*runs\.yaml; did you mean .*run\.yaml\?"):
        load_run_config(run.with_name("runs.yaml"))


def test_a_config_does_not_change_after_loading(run: Path) -> None:
    config = load_run_config(run)
    with pytest.raises(ValidationError, match="frozen"):
        config.training.epochs = 9.0
