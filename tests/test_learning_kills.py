"""A lesson that is saved or taken back, killed before each change on disk: the bundle is the old one or the new."""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from svodka.bundle.files import BundlePaths, check_bundle
from svodka.bundle.learned import LearnedStep, LearnedTag, StepStory, read_learned, save_learned, taken_back

# What Python tells of before it is done; the change of places of two folders is a call into the C library.
CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.copytree", "shutil.copyfile", "shutil.rmtree")
SWAP = "ctypes.dlsym"


def step(name: str) -> LearnedStep:
    story = StepStory(
        date="2026-11-25T10:00:00+00:00", corrections=2, sha256="0" * 64,
        tags=[LearnedTag(name=name, was="new", positive=1, negative=1)],
    )  # fmt: skip
    return LearnedStep(story, {"vectors": torch.ones(1, 4), "bias": torch.zeros(1)})


@pytest.fixture(scope="module")
def taught(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a bundle that has had one lesson. Read-only."""
    folder = tmp_path_factory.mktemp("kills") / "bundle"
    save_learned(trained / "run" / "bundle", folder, [step("мосты")])
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def teach(folder: Path) -> None:
    save_learned(folder, folder, [*read_learned(BundlePaths(folder)), step("музеи")])


def take_back(folder: Path) -> None:
    taken_back(folder, folder)


def killed_before(change: int, act: Callable[[], None]) -> bool:
    """Act in a child that is killed before one of its changes on disk; False if it came to its end before that."""
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)
    left = change

    def count(event: str, given: tuple[Any, ...]) -> None:
        nonlocal left
        writes = event == "open" and isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in CHANGES or event == SWAP:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(count)
        act()
        os._exit(0)
    except BaseException:
        os._exit(1)


@pytest.mark.parametrize("act", [teach, take_back])
def test_a_lesson_that_is_killed_leaves_the_old_bundle_or_the_new(
    act: Callable[[Path], None], taught: Path, tmp_path: Path
) -> None:
    whole = Path(shutil.copytree(taught, tmp_path / "whole"))
    act(whole)
    before, after = contents(taught), contents(whole)
    assert before != after
    found, change = [], 0
    while True:
        folder = Path(shutil.copytree(taught, tmp_path / "killed" / "bundle"))
        killed = killed_before(change, lambda folder=folder: act(folder))
        check_bundle(folder)
        found.append(contents(folder))
        assert found[-1] in (before, after)
        shutil.rmtree(folder.parent)
        if not killed:
            break
        change += 1
    # It was killed before the first change, at many others, and after the swap, which all that follows only tidies up.
    assert found[0] == before
    assert found[-1] == after
    assert len(found) > 20
    assert [one == after for one in found] == sorted(one == after for one in found)


def test_what_a_killed_lesson_left_behind_is_no_hindrance(taught: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(taught, tmp_path / "bundle"))
    assert killed_before(12, lambda: teach(folder))
    assert {path.name for path in tmp_path.iterdir()} > {"bundle"}
    teach(folder)
    assert [one.story.tags[0].name for one in read_learned(BundlePaths(folder))] == ["мосты", "музеи"]
