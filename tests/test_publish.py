"""Publishing: what is refused, and what a hub is sent. The hub runs in the tests."""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import constants

from svodka.bundle import Bundle, load_bundle, update_report
from svodka.errors import BundleError, ConfigError, SvodkaError
from svodka.publish import publish, unfit

GOOD = {"tags, model": {"micro_f1": 0.5}, "tags, frequent tags": {"micro_f1": 0.2}}


class Hub:
    """Answers as the hub does, and keeps what it is sent."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.refuses = False
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                hub.asked.append(self.path)
                self.answer(hub.posted(self.path, body))

            def do_GET(self) -> None:
                hub.asked.append(self.path)
                self.answer([] if "/tree/" in self.path else {"id": "me/tags", "sha": "0" * 40, "siblings": []})

            def answer(self, found: Any) -> None:
                text = json.dumps(found).encode()
                self.send_response(403 if hub.refuses else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def posted(self, path: str, body: bytes) -> Any:
        if path.endswith("/repos/create"):
            return {"url": f"{self.url}/me/{json.loads(body)['name']}"}
        if "/preupload/" in path:
            names = [file["path"] for file in json.loads(body)["files"]]
            return {"files": [{"path": name, "uploadMode": "regular", "shouldIgnore": False} for name in names]}
        if "/commit/" in path:
            lines = [json.loads(line) for line in body.splitlines()]
            self.files |= {
                line["value"]["path"]: base64.b64decode(line["value"]["content"])
                for line in lines
                if line["key"] == "file"
            }
            return {"success": True, "commitOid": "0" * 40, "commitUrl": f"{self.url}/me/tags/commit/{'0' * 40}"}
        return {"errors": [], "warnings": []}


@pytest.fixture
def hub(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    made = Hub()
    monkeypatch.setattr(constants, "ENDPOINT", made.url)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_invented")
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def bundle(trained: Path) -> Bundle:
    return load_bundle(trained / "run" / "bundle")


def scored(target: Path, scores: dict[str, Any]) -> None:
    update_report(target, metrics={"test": scores}, card="# Проба\n")


def test_every_file_of_the_bundle_goes_up_in_one_commit(hub: Hub, bundle_copy: Path) -> None:
    scored(bundle_copy, GOOD)
    assert publish(bundle_copy, "me/tags", private=True).endswith("/me/tags/commit/" + "0" * 40)
    held = {str(path.relative_to(bundle_copy)): path.read_bytes() for path in bundle_copy.rglob("*") if path.is_file()}
    assert hub.files == held
    assert sum("/commit/" in path for path in hub.asked) == 1


def test_a_branch_is_made_and_committed_to(hub: Hub, bundle_copy: Path) -> None:
    scored(bundle_copy, GOOD)
    publish(bundle_copy, "me/tags", revision="next")
    assert any(path.endswith("/branch/next") for path in hub.asked)
    assert any("/commit/next" in path for path in hub.asked)


def test_a_hub_that_refuses_is_one_message(hub: Hub, bundle_copy: Path) -> None:
    scored(bundle_copy, GOOD)
    hub.refuses = True
    with pytest.raises(SvodkaError, match=r"the hub did not take me/tags: .*403"):
        publish(bundle_copy, "me/tags")


def test_offline_nothing_is_asked(bundle_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Sockets are closed here: a request would fail otherwise than by this message.
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigError, match="HF_HUB_OFFLINE is set"):
        publish(bundle_copy, "me/tags")


def test_what_is_not_fit_is_refused_before_anything_is_sent(hub: Hub, bundle_copy: Path) -> None:
    with pytest.raises(BundleError, match="no scores on the test split; attach them by `svodka evaluate"):
        publish(bundle_copy, "me/tags")
    assert hub.asked == []


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (GOOD, []),
        (
            GOOD | {"tags, model": {"micro_f1": 0.2}},
            ["tags: micro_f1 0.200 does not beat 'frequent tags' with 0.200"],
        ),
        ({"tags, model": {"micro_f1": 0.5}}, ["tags have no baseline beside them; evaluate with baselines"]),
        (
            {"summaries, model": {"rouge1": 20.0}, "summaries, first 3 sentences": {"rouge1": 21.5}},
            ["summaries: rouge1 20.000 does not beat 'first 3 sentences' with 21.500"],
        ),
    ],
)
def test_a_model_must_beat_what_costs_nothing(bundle: Bundle, scores: dict[str, Any], said: list[str]) -> None:
    assert list(unfit(replace(bundle, metrics={"test": scores}))) == said


def test_weights_that_are_no_numbers_are_named(bundle_copy: Path) -> None:
    broken = load_bundle(bundle_copy)
    with torch.no_grad():
        broken.model.tag_head.bias[0] = float("nan")
    found = list(unfit(replace(broken, metrics={"test": GOOD})))
    assert found == ["weights that are no finite numbers: tag_head.bias"]
