"""What `configs/deploy/` starts: every command and option of it exists, and nothing runs as root."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from svodka.cli.app import app

DEPLOY = Path(__file__).parent.parent / "configs" / "deploy"
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def container() -> Any:
    (deployment, _) = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))
    return deployment["spec"]["template"]["spec"]


def commands() -> dict[str, list[str]]:
    """The arguments of `svodka` in each file."""
    unit = re.search(
        r"^ExecStart=\S+/svodka (.*)$", (DEPLOY / "svodka.service").read_text(encoding="utf-8"), re.MULTILINE
    )
    image = re.search(r"^CMD (\[.*\])$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert unit
    assert image
    services = compose()["services"]
    return {
        "systemd": unit[1].split(),
        "docker": yaml.safe_load(image[1]),
        "kubernetes": container()["containers"][0]["args"],
        "serve": services["serve"]["command"],
        "watch": services["watch"]["command"],
    }


@pytest.mark.parametrize("where", commands())
def test_every_command_and_option_exists(where: str) -> None:
    name, *arguments = commands()[where]
    known = {flag for option in COMMANDS[name].params for flag in option.opts}
    assert {argument.partition("=")[0] for argument in arguments if argument.startswith("--")} <= known
    # Others reach a container.
    assert where in ("systemd", "watch") or {"--host", "--token-file"} <= {one.partition("=")[0] for one in arguments}


def test_nothing_runs_as_root_or_writes_where_it_should_not() -> None:
    assert re.search(r"^USER 65534", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    for service in ("watch", "serve"):
        assert compose()["services"][service]["read_only"]
    pod = container()
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]


def test_probes_ask_what_is_answered() -> None:
    probes = {name: probe for name, probe in container()["containers"][0].items() if name.endswith("Probe")}
    assert {name: probe["httpGet"]["path"] for name, probe in probes.items()} == {
        "startupProbe": "/health/ready", "readinessProbe": "/health/ready", "livenessProbe": "/health/live",
    }  # fmt: skip
