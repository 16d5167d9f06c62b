"""Svodka («сводка», a digest): topic tags and a short summary for Russian news."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from svodka.annotator import Annotator
    from svodka.article import Annotation, Article, Entity, Summary, Tag, Topic
    from svodka.async_annotator import AsyncAnnotator
    from svodka.errors import BundleError, ConfigError, DataError, SvodkaError, TrainingError
    from svodka.inputs.reading import read
    from svodka.inputs.reject import Reject

__version__ = "0.1.0"

# Loaded on first use, so that `import svodka` and `svodka --help` never wait for torch.
_HOME = {
    "Annotator": "svodka.annotator",
    "AsyncAnnotator": "svodka.async_annotator",
    "Annotation": "svodka.article",
    "Article": "svodka.article",
    "Entity": "svodka.article",
    "Summary": "svodka.article",
    "Tag": "svodka.article",
    "Topic": "svodka.article",
    "Reject": "svodka.inputs.reject",
    "read": "svodka.inputs.reading",
    "BundleError": "svodka.errors",
    "ConfigError": "svodka.errors",
    "DataError": "svodka.errors",
    "SvodkaError": "svodka.errors",
    "TrainingError": "svodka.errors",
}

__all__ = [
    "Annotation",
    "Annotator",
    "Article",
    "AsyncAnnotator",
    "BundleError",
    "ConfigError",
    "DataError",
    "Entity",
    "Reject",
    "Summary",
    "SvodkaError",
    "Tag",
    "Topic",
    "TrainingError",
    "__version__",
    "read",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'svodka' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
