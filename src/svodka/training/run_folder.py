"""The folder of one training run: where everything lies, and when it may be used again."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import yaml
from filelock import FileLock, Timeout
from pydantic import ValidationError
from transformers.trainer import TRAINER_STATE_NAME

from svodka.config.base import Section, differences, without_places
from svodka.config.yaml_files import read_yaml
from svodka.errors import ConfigError, DataError
from svodka.files import read_json, write_json, write_text

RUN_FORMAT = 1
# Beside the weights of a backbone of our own: what it was pretrained on, and how.
STORY = "pretraining.json"
# Beside the weights of a backbone that was converted or cut: what it was made of.
ORIGIN = "origin.json"


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
        """Format number, what the data were, number of processes, and whether the run has ended."""
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

    def open(self, config: Section, data: Mapping[str, Any], *, processes: int = 1, resume: bool) -> None:
        """Begin a run here, or go on with the one that lies here.

        One that has no checkpoint yet has nothing to lose: it begins anew if anything has changed, so that a start
        that failed blocks no folder.

        Args:
            config: the resolved config.
            data: `hash`, the name of the prepared data, and what else tells them from others, to be shown if they
                changed.
            processes: how many train together; with another number the batches would be others.
            resume: whether to go on with a run that lies here.

        Raises:
            ConfigError: the folder is in use and `resume` is not set, or the run here was begun with another config,
                other data or another number of processes.
        """
        if self.state.exists():
            changed = self._changed(config, data, processes)
            if self.ended or self.last_checkpoint(int(read_json(self.state).get("processes", 1))):
                self._check_may_go_on(changed, resume=resume)
            self._tidy()
            if not changed:
                return
            self._clear()
        text = _yaml(config)
        if not self._is_free(text):
            raise ConfigError(f"{self.root} is not empty and holds no run; choose another folder by output=…")
        write_text(self.config, text)
        facts = {name: value for name, value in data.items() if name != "hash"}
        state = {"format": RUN_FORMAT, "data": data["hash"], "ended": False, "processes": processes}
        write_json(self.state, state | ({"data_facts": facts} if facts else {}))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the folder from other runs of any process while the block runs.

        Raises:
            ConfigError: another run has it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise ConfigError(
                f"another process is training in {self.root}; wait for its end, or choose another folder by output=…"
            ) from None
        try:
            yield
        finally:
            Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()

    def end(self) -> None:
        """Note that the run has ended."""
        write_json(self.state, read_json(self.state) | {"ended": True})

    @property
    def ended(self) -> bool:
        """Whether the run has ended, its result saved."""
        return self.state.exists() and bool(read_json(self.state).get("ended"))

    def last_checkpoint(self, processes: int = 1) -> Path | None:
        """The newest checkpoint that was written to its end, None if there is none."""
        whole = [path for path in self._all_checkpoints() if _is_whole(path, processes)]
        return max(whole, key=_step, default=None)

    def drop_broken_checkpoints(self, processes: int = 1) -> None:
        """Delete checkpoints that a killed run left half-written.

        Left there, one would be written over when its step comes again, and a second kill then could leave old and
        new files mixed in what looks whole.
        """
        for path in self._all_checkpoints():
            if not _is_whole(path, processes):
                shutil.rmtree(path)

    def _all_checkpoints(self) -> list[Path]:
        return [path for path in self.checkpoints.glob("checkpoint-*") if path.is_dir() and _step(path) >= 0]

    def _is_free(self, text: str) -> bool:
        """Whether nothing lies here but what a run killed while it began may have left: its config."""
        found = [path for path in self.root.glob("*") if not _is_unfinished(path) and path.name != ".lock"]
        ours = found == [self.config] and self.config.read_text(encoding="utf-8") == text
        return not found or ours

    def _tidy(self) -> None:
        for path in filter(_is_unfinished, self.root.glob(".*.new")):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _clear(self) -> None:
        """Delete what a run writes before its first checkpoint."""
        for path in (self.checkpoints, self.cache, self.logs, self.tokenizer):
            shutil.rmtree(path, ignore_errors=True)
        for path in (self.state, self.config):
            path.unlink(missing_ok=True)

    def _check_may_go_on(self, changed: Sequence[str], *, resume: bool) -> None:
        if not resume:
            raise ConfigError(
                f"{self.root} holds a run already; go on with it by --resume, or choose another folder by output=…"
            )
        if changed:
            raise ConfigError(
                f"cannot resume {self.root}, these changed since it began:\n"
                + "\n".join(f"  {line}" for line in changed)
                + "\nput them back, or choose another folder by output=…"
            )

    def _changed(self, config: Section, data: Mapping[str, Any], processes: int) -> list[str]:
        """A line for all that is not as it was when the run began; where things lie does not count."""
        state = read_json(self.state)
        if state.get("format") != RUN_FORMAT:
            raise ConfigError(f"{self.root}: run format {state.get('format')}, but this version resumes {RUN_FORMAT}")
        begun = without_places(_completed(read_yaml(self.config, "config of the run"), config))
        changed = differences(begun, without_places(config.model_dump(mode="json")))
        if state.get("data") != data["hash"]:
            changed.append(f"prepared data: {state.get('data')} then, {data['hash']} now")
            facts = {name: value for name, value in data.items() if name != "hash"}
            changed += differences(state.get("data_facts", facts), facts, "prepared data")
        if state.get("processes", 1) != processes:
            changed.append(f"processes: {state.get('processes', 1)} then, {processes} now")
        return changed


def _yaml(config: Section) -> str:
    return yaml.safe_dump(config.model_dump(mode="json"), allow_unicode=True, sort_keys=False)


def _completed(begun: Any, config: Section) -> Any:
    """A config of an older version with the defaults of the fields that have come since, if it is still a config."""
    try:
        return type(config).model_validate(begun).model_dump(mode="json")
    except ValidationError:
        return begun


def _is_unfinished(path: Path) -> bool:
    """Whether this is what `files` writes beside its target, before renaming it into place."""
    return path.name.startswith(".") and path.name.endswith(".new")


def _step(checkpoint: Path) -> int:
    number = checkpoint.name.removeprefix("checkpoint-")
    return int(number) if number.isdigit() else -1


def _is_whole(checkpoint: Path, processes: int) -> bool:
    """Whether a checkpoint was written to its end.

    The Trainer's main process writes its state last, after weights, optimiser and scheduler; each process writes its
    random generators' state besides, and none waits for another.
    """
    try:
        read_json(checkpoint / TRAINER_STATE_NAME)
    except DataError:
        return False
    names = ["rng_state.pth"] if processes == 1 else [f"rng_state_{rank}.pth" for rank in range(processes)]
    return all(is_zipfile(checkpoint / name) for name in names)
