"""The last step of a run: results take the form that the output's name asks for, and their place."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from svodka.bulk.columns import write_parquet
from svodka.bulk.journal import WorkFiles
from svodka.errors import ConfigError
from svodka.files import replace_durably, synced

_ZSTD_LEVEL = 3


def check_output(output: Path) -> None:
    """Look at the name of an output before any work starts.

    Raises:
        ConfigError: a form that cannot be written, or a library for it that is not installed.
    """
    name = output.name.lower()
    suffix = next((s for s in FORMS if name.endswith(s)), None)
    if suffix is None:
        raise ConfigError(f"--output {output}: cannot write this kind of file; allowed: {', '.join(FORMS)}")
    needed = {".zst": "zstandard", ".parquet": "pyarrow"}
    library = next((library for end, library in needed.items() if suffix.endswith(end)), None)
    if library:
        from importlib.util import find_spec

        if find_spec(library) is None:
            raise ConfigError(f"--output {output}: to write {suffix}, pip install 'svodka[batch]'")


def finish(files: WorkFiles, *, keep_empty: bool) -> None:
    """Put results and rejects into their places. Called again after a kill, it does what is left to do.

    Args:
        files: of a run whose every row is done.
        keep_empty: write a reject file also where there were none.
    """
    rejects = files.rejects_partial
    if rejects.exists() and (keep_empty or rejects.stat().st_size):
        replace_durably(rejects, files.rejects)
    elif rejects.exists():
        files.rejects.unlink(missing_ok=True)
        rejects.unlink()
    if files.results_partial.exists():
        _convert(files.results_partial, files.output)


def _convert(partial: Path, output: Path) -> None:
    write = next(write for suffix, write in FORMS.items() if output.name.lower().endswith(suffix))
    if write is None:
        return replace_durably(partial, output)
    with synced(output) as file:
        write(partial, file)
    return partial.unlink()


def _write_gzip(partial: Path, target: BinaryIO) -> None:
    # Neither name nor time: the same rows give the same bytes.
    with partial.open("rb") as lines, gzip.GzipFile("", "wb", fileobj=target, mtime=0) as packed:
        shutil.copyfileobj(lines, packed)


def _write_zstandard(partial: Path, target: BinaryIO) -> None:
    import zstandard

    compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
    with partial.open("rb") as lines:
        compressor.copy_stream(lines, target, size=partial.stat().st_size)


Write = Callable[[Path, BinaryIO], None]
# How each form is written from JSON lines; None: it is these lines.
FORMS: dict[str, Write | None] = {
    ".jsonl": None,
    ".ndjson": None,
    ".jsonl.gz": _write_gzip,
    ".jsonl.zst": _write_zstandard,
    ".parquet": write_parquet,
}
