"""What the tests of `svodka serve` share."""

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from svodka.bulk.options import AnnotateOptions
from svodka.serve.app import create_app
from svodka.serve.options import Limits, ServeOptions
from svodka.serve.service import Service

TEXT = "Мост через Ишимку открыли после ремонта. Первым по нему проехал автобус."
JSON_LINES = {"Content-Type": "application/x-ndjson"}


def app_of(bundle: Path, options: ServeOptions | None = None) -> FastAPI:
    """The app of a bundle."""
    options = options or ServeOptions()
    return create_app(Service(AnnotateOptions(str(bundle), device="cpu"), options.limits), options)


def client_of(app: FastAPI, **settings: Any) -> AbstractContextManager[TestClient]:
    """A client on this machine; a fault of the service is an answer to it, as to any other."""
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False, **settings)


def limited(**limits: Any) -> ServeOptions:
    """Options with other limits."""
    return ServeOptions(limits=Limits(**limits))


def json_lines(*rows: Any) -> bytes:
    """Rows as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def read_lines(text: str) -> list[dict[str, Any]]:
    """Rows of JSON lines."""
    return [json.loads(line) for line in text.splitlines()]
