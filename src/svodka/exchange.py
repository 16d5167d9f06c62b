"""Two folders that change places at once: at no moment is there nothing under a name."""

import ctypes
import os
import sys
from pathlib import Path

_HERE = -100  # AT_FDCWD: names are those of the working folder
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux' renameat2


def exchanged(one: Path, other: Path) -> bool:
    """Let two folders of one disk change places; False where the system cannot, and then nothing has happened."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    return rename is not None and rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0
