"""Shared fixtures. The network is blocked for every test by pytest-socket (see pyproject.toml)."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Before any library that talks to the hub is imported.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"


@pytest.fixture(scope="session")
def root() -> Path:
    """The clone's root."""
    return ROOT


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Folder of the real corpora, for tests that read them."""
    folder = os.environ.get("SVODKA_CORPORA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("SVODKA_CORPORA does not name a folder with the real corpora")
    return Path(folder)
