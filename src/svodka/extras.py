"""What each command needs beyond the base install: command -> extra -> modules."""

from collections.abc import Mapping
from importlib.util import find_spec

from svodka.errors import ConfigError

_PREPARE = ("datasets", "datasketch", "pyarrow")
_TRAIN = (*_PREPARE, "accelerate", "joblib", "scipy", "sklearn", "tensorboard")
_SCORE = ("datasets", "jinja2", "joblib", "pyarrow", "rouge_score", "sacrebleu", "scipy", "sklearn")

# Modules without which a command cannot do its work. What only some inputs, outputs or settings need, such as Parquet,
# is asked for where it is used.
NEEDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "prepare": {"train": _PREPARE},
    "pretrain": {"train": _TRAIN},
    "plan": {"train": _TRAIN},
    "train": {"train": _TRAIN},
    "tune": {"train": _TRAIN, "tune": ("optuna",)},
    "evaluate": {"train": _SCORE},
    "compare": {"train": _SCORE},
    "export": {"train": _SCORE},
    "drift": {"train": ("scipy",)},
    "serve": {"serve": ("fastapi", "prometheus_client", "uvicorn")},
    "watch": {"watch": ("feedparser", "filelock", "sqlalchemy", "urllib3", "watchfiles")},
}


def require(command: str) -> None:
    """Look whether what a command needs is installed.

    Raises:
        ConfigError: modules are missing, naming them and the extras that bring them.
    """
    missing = {extra: absent for extra, modules in NEEDS[command].items() if (absent := _absent(modules))}
    if missing:
        raise ConfigError(_message(f"svodka {command}", missing))


def explain(error: ModuleNotFoundError) -> ConfigError | None:
    """The message for a module that an extra brings; None for any other, whose absence is a fault."""
    module = (error.name or "").partition(".")[0]
    extras = (extra for needed in NEEDS.values() for extra, modules in needed.items() if module in modules)
    extra = next(extras, None)
    return None if extra is None else ConfigError(_message("this", {extra: [module]}))


def _absent(modules: tuple[str, ...]) -> list[str]:
    return [name for name in modules if find_spec(name) is None]


def _message(who: str, missing: Mapping[str, list[str]]) -> str:
    names = sorted({name for absent in missing.values() for name in absent})
    extras = ",".join(missing)
    return f"{who} needs {', '.join(names)}, not installed; get what is missing by pip install 'svodka[{extras}]'"
