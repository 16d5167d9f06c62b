"""The walls of the house: imports go downward, and heavy libraries are loaded where they are needed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from svodka.cli.app import app

PACKAGE = Path(__file__).parent.parent / "src" / "svodka"
MODULES = {
    ".".join(["svodka", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

# From the ground up; a part imports from its own floor only what stands in BESIDE.
FLOORS = (
    ("article", "errors", "exchange", "extras", "isolation", "messages", "signals", "topics", "visible"),
    ("sentences", "letters", "text", "labels", "config", "files", "facts", "progress", "tagsets"),
    ("inputs",),
    ("data", "heads"),
    ("model",),
    ("bundle",),
    (
        "training",
        "engines",
        "summaries",
        "tagging",
        "answers",
        "learning",
        "annotator",
        "answer_options",
        "async_annotator",
        "pickled",
    ),
    ("evaluation", "bulk", "watch", "publish", "compact", "suggest", "adapt"),
    ("serve",),
    ("cli",),
)
FLOOR = {part: i for i, floor in enumerate(FLOORS) for part in floor}
BESIDE = {
    ("article", "errors"), ("extras", "errors"), ("topics", "errors"), ("visible", "messages"), ("text", "sentences"),
    ("labels", "text"), ("labels", "config"),
    ("facts", "text"), ("letters", "facts"), ("tagsets", "labels"), ("tagsets", "text"), ("tagsets", "config"),
    ("summaries", "engines"), ("tagging", "engines"),
    ("answers", "engines"), ("answers", "summaries"), ("answers", "tagging"),
    ("annotator", "engines"), ("annotator", "tagging"), ("annotator", "answers"), ("annotator", "learning"),
    ("annotator", "pickled"), ("learning", "engines"), ("learning", "tagging"),
    ("answer_options", "annotator"), ("async_annotator", "annotator"), ("async_annotator", "answer_options"),
    ("async_annotator", "answers"),
    ("watch", "bulk"),
}  # fmt: skip

HEAVY = {
    "torch", "transformers", "safetensors", "tokenizers", "datasets", "sklearn", "scipy", "datasketch", "trafilatura",
    "pandas", "pyarrow", "pymorphy3", "rouge_score", "sacrebleu", "nltk", "jinja2", "ray", "fastapi", "uvicorn",
    "starlette", "prometheus_client", "huggingface_hub", "tensorboard", "feedparser", "watchfiles", "fsspec",
    "zstandard", "peft", "optuna", "matplotlib",
}  # fmt: skip
MODEL_LIBRARIES = {"torch", "transformers", "safetensors", "tokenizers", "huggingface_hub"}
# What may be imported at the top of a module, by its part.
AT_TOP = {
    "heads": MODEL_LIBRARIES,
    "model": MODEL_LIBRARIES,
    "engines": MODEL_LIBRARIES,
    "bundle": MODEL_LIBRARIES,
    "annotator": set(),
    "learning": {"torch"},
    "training": MODEL_LIBRARIES | {"sklearn", "scipy", "optuna"},
    "evaluation": {"sklearn"},
    "publish": MODEL_LIBRARIES,
    "compact": MODEL_LIBRARIES,
    "adapt": MODEL_LIBRARIES | {"scipy"},
    "serve": {"fastapi", "uvicorn", "starlette", "prometheus_client"},
}


def part_of(module: str) -> str:
    return [*module.split("."), ""][1]


def imports(node: ast.AST, *, lazy: bool) -> Iterator[str]:
    """Modules that are imported under `node`; without `lazy` only those that loading the module loads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert not child.level, "imports are absolute"
            base = str(child.module)
            yield from (f"{base}.{a.name}" if f"{base}.{a.name}" in MODULES else base for a in child.names)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        elif lazy or not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from imports(child, lazy=lazy)


def imported(module: str, *, lazy: bool = True) -> set[str]:
    return set(imports(ast.parse(MODULES[module].read_text(encoding="utf-8")), lazy=lazy))


def reached(module: str) -> set[str]:
    """Every module that a module may come to load, at once or later."""
    found, waiting = set[str](), [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [*imported(name), *public_names(name)] if name in MODULES else []
    return found


def public_names(module: str) -> set[str]:
    """Modules behind the public names of a room, which it loads when they are first asked for."""
    if MODULES[module].name != "__init__.py" or module == "svodka":
        return set()
    blocks = ast.parse(MODULES[module].read_text(encoding="utf-8")).body
    return {name for block in blocks if isinstance(block, ast.If) for name in imports(block, lazy=False)}


def test_every_part_has_its_floor() -> None:
    assert {part_of(m) for m in MODULES} - {"", "__main__"} <= set(FLOOR)


@pytest.mark.parametrize("module", [m for m in MODULES if part_of(m) in FLOOR])
def test_imports_go_downward(module: str) -> None:
    part = part_of(module)
    for name in imported(module):
        other = part_of(name) if name in MODULES and name != "svodka" else part
        below = FLOOR[other] < FLOOR[part]
        assert other == part or below or (part, other) in BESIDE, f"{module} imports {name}"


def test_nothing_imports_the_command_line() -> None:
    assert [m for m in MODULES if part_of(m) not in ("cli", "__main__") and "svodka.cli" in imported(m)] == []


@pytest.mark.parametrize("module", ["svodka.annotator", *(m for m in MODULES if part_of(m) == "engines")])
def test_inference_knows_nothing_of_training(module: str) -> None:
    found = reached(module)
    assert {name for name in found if part_of(name) in ("training", "data", "evaluation") and name in MODULES} == set()
    assert {name.split(".")[0] for name in found} & {
        "datasets",
        "sklearn",
        "scipy",
        "accelerate",
        "rouge_score",
    } == set()


@pytest.mark.parametrize("module", [m for m in MODULES if part_of(m) == "training"])
def test_training_knows_nothing_of_inference(module: str) -> None:
    assert {part_of(m) for m in reached(module) if m in MODULES} & {
        "annotator",
        "engines",
        "summaries",
        "bulk",
        "watch",
    } == set()


@pytest.mark.parametrize("module", MODULES)
def test_heavy_libraries_are_not_loaded_at_the_top(module: str) -> None:
    found = {name.split(".")[0] for name in imported(module, lazy=False)} & HEAVY
    assert found <= AT_TOP.get(part_of(module), set())


def test_the_ground_floor_is_the_standard_library_alone() -> None:
    for module in ("svodka.article", "svodka.errors", "svodka.topics"):
        outside = {name.split(".")[0] for name in imported(module)} - sys.stdlib_module_names - {"svodka"}
        assert outside == set()


def loaded_by(code: str) -> set[str]:
    """Top-level modules in `sys.modules` of a fresh interpreter after `code`."""
    script = f"import sys\n{code}\nprint('MODULES', *{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


COMMANDS = tuple(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
HELP = """
sys.argv = {argv!r}
from svodka.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""


@pytest.mark.parametrize(
    "code",
    [
        "import svodka; svodka.Article('Снег идёт.'); svodka.ConfigError",
        HELP.format(argv=["svodka", "--help"]),
        HELP.format(argv=["svodka", "--version"]),
        *(HELP.format(argv=["svodka", command, "--help"]) for command in COMMANDS),
    ],
)
def test_help_and_import_load_nothing_heavy(code: str) -> None:
    assert loaded_by(code) & (HEAVY | {"numpy", "razdel"}) == set()


def test_the_public_names_are_all_there() -> None:
    import svodka

    assert all(getattr(svodka, name) is not None for name in svodka.__all__)
    with pytest.raises(AttributeError, match="module 'svodka' has no attribute 'Anotator'"):
        svodka.Anotator  # noqa: B018
