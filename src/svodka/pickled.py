"""An annotator in another process: it travels as the place of its bundle, and is loaded anew there."""

from pathlib import Path
from pickle import PicklingError
from typing import TYPE_CHECKING, Any

from svodka.bundle import Bundle
from svodka.errors import BundleError
from svodka.tagsets import TagChoice, TagSet

if TYPE_CHECKING:
    from svodka.annotator import Annotator

# What of an annotator is made again.
LEFT = ("bundle", "_trained", "_tagger", "_encoder", "_engine")


def place_of(bundle: Bundle) -> tuple[Path, str]:
    """The folder of a bundle, and its fingerprint.

    Raises:
        PicklingError: it lies in none.
    """
    if bundle.folder is None:
        raise PicklingError("the bundle was not loaded from a folder; save it and load it first")
    return bundle.folder.absolute(), bundle.fingerprint


def again(
    kind: "type[Annotator]", place: tuple[Path, str], device: str, tags: tuple[TagSet | None, TagChoice],
    settings: dict[str, Any],
) -> "Annotator":  # fmt: skip
    """A pickled annotator, its bundle loaded anew.

    Args:
        kind: its class.
        place: as `place_of` has it.
        device: where the arithmetic ran.
        tags: its tag set and choice.
        settings: its other attributes but those that are `LEFT`.

    Raises:
        BundleError: another bundle lies there now.
    """
    folder, fingerprint = place
    made = kind.load(
        folder, engine=settings["engine"], device=device, summary=settings["summary"], language=settings["_language"]
    )
    if made.bundle.fingerprint != fingerprint:
        raise BundleError(f"{folder}: another bundle than the one that was pickled")
    vars(made).update(settings)
    tag_set, choice = tags
    return made.with_tags(tag_set, choice)
