"""The folder of one training run: where everything lies, and when it may be used again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from svodka.config.base import Section
from svodka.errors import ConfigError
from svodka.files import read_json, write_json, write_text

RUN_FORMAT = 1
# Beside the weights of a backbone of our own: what it was pretrained on, and how.
STORY = "pretraining.json"


@dataclass(frozen=True)
class RunFolder:
    """Paths of a run."""

    root: Path

    @property
    def config(self) -> Path:
        """The resolved config."""
        return self.root / "config.yaml"

    @property
    def state(self) -> Path:
        """Format number, hash of the data, and whether the run has ended."""
        return self.root / "run.json"

    @property
    def checkpoints(self) -> Path:
        """The Trainer's checkpoints."""
        return self.root / "checkpoints"

    @property
    def cache(self) -> Path:
        """Encoded articles."""
        return self.root / "cache"

    @property
    def logs(self) -> Path:
        """TensorBoard events."""
        return self.root / "logs"

    @property
    def history(self) -> Path:
        """Losses and validation figures by step, one JSON object a line."""
        return self.root / "history.jsonl"

    @property
    def tokenizer(self) -> Path:
        """The tokenizer of the run."""
        return self.root / "tokenizer"

    @property
    def bundle(self) -> Path:
        """The trained model."""
        return self.root / "bundle"

    def open(self, config: Section, data_hash: str, *, resume: bool) -> None:
        """Begin a run here, or go on with the one that lies here.

        Raises:
            ConfigError: the folder is in use and `resume` is not set, or what lies here was begun with another
                config or other data.
        """
        text = yaml.safe_dump(config.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
        if self.state.exists():
            if not resume:
                raise ConfigError(
                    f"{self.root} holds a run already; go on with it by --resume, or choose another folder by output=…"
                )
            self._check_same(text, data_hash)
            return
        if self.root.exists() and any(self.root.iterdir()):
            raise ConfigError(f"{self.root} is not empty and holds no run; choose another folder by output=…")
        write_text(self.config, text)
        write_json(self.state, {"format": RUN_FORMAT, "data": data_hash, "ended": False})

    def end(self) -> None:
        """Note that the run has ended."""
        write_json(self.state, read_json(self.state) | {"ended": True})

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is a checkpoint to go on from."""
        return any(self.checkpoints.glob("checkpoint-*/trainer_state.json"))

    def _check_same(self, text: str, data_hash: str) -> None:
        state = read_json(self.state)
        if state.get("format") != RUN_FORMAT:
            raise ConfigError(f"{self.root}: run format {state.get('format')}, but this version resumes {RUN_FORMAT}")
        changed = _differences(yaml.safe_load(self.config.read_text(encoding="utf-8")), yaml.safe_load(text))
        if state.get("data") != data_hash:
            changed.append(f"prepared data: {state.get('data')} then, {data_hash} now")
        if changed:
            raise ConfigError(
                f"cannot resume {self.root}, these changed since it began:\n"
                + "\n".join(f"  {line}" for line in changed)
                + "\nput them back, or choose another folder by output=…"
            )


def _differences(old: Any, new: Any, where: str = "") -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [line for key in keys for line in _differences(old.get(key), new.get(key), f"{where}.{key}".lstrip("."))]
    return [] if old == new else [f"{where}: {old!r} then, {new!r} now"]
