"""Bytes of an input, here or behind a URL, decompressed as its name says, and how far they have been read."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from svodka.errors import ConfigError, DataError
from svodka.inputs.encodings import sniffed

COMPRESSIONS = (".gz", ".zst")
_CHUNK = 1 << 16
_SNIFFED = 1 << 16
# Four bytes of zstandard may stand for 128 kB, so that what is decompressed at once stays below 32 MB.
_COMPRESSED_CHUNK = 1 << 10


@dataclass
class Meter:
    """How much of all input has been read: bytes as they are stored. `total` is None where no one can know."""

    total: int | None = 0
    done: int = 0


def is_url(path: str) -> bool:
    """Whether a path is one for fsspec, as `s3://bucket/rows.jsonl`."""
    return "://" in path


def filesystem(url: str) -> tuple[Any, str]:
    """The fsspec file system of a URL, and the path in it.

    Raises:
        ConfigError: fsspec or its part for this protocol is not installed, or there is no such protocol.
    """
    if url.lower().startswith(("http://", "https://")):
        try:
            from svodka.inputs.web import Web
        except ImportError as error:
            raise ConfigError(f"{url}: {error}; pip install 'svodka[batch]'") from None
        return Web(), url
    try:
        import fsspec

        return cast("tuple[Any, str]", fsspec.core.url_to_fs(url))
    except ImportError as error:
        raise ConfigError(f"{url}: {error}; pip install 'svodka[batch]' and the fsspec package of this store") from None
    except ValueError as error:
        raise ConfigError(f"{url}: {error}") from None


def size(path: str) -> int:
    """Bytes of a file as it is stored; 0 where nobody can tell."""
    try:
        if not is_url(path):
            return Path(path).stat().st_size
        files, inside = filesystem(path)
        return int(files.size(inside) or 0)
    except OSError:
        return 0


@contextmanager
def opened(path: str, meter: Meter) -> Iterator[BinaryIO]:
    """Open a file for reading; `.gz` and `.zst` are decompressed.

    Raises:
        DataError: it cannot be opened, or read to its end.
    """
    with stored(path) as raw:
        counted = io.BufferedReader(_Counted(raw, meter, 0 if is_url(path) else size(path)), _CHUNK)
        suffix = Path(path).suffix.lower()
        if suffix == ".gz":
            yield cast("BinaryIO", gzip.GzipFile(fileobj=counted, mode="rb"))
        elif suffix == ".zst":
            yield cast("BinaryIO", io.BufferedReader(_Zstandard(counted, path), _CHUNK))
        else:
            yield cast("BinaryIO", counted)


@contextmanager
def stored(path: str) -> Iterator[BinaryIO]:
    """Open a file as it is stored.

    Raises:
        DataError: it cannot be opened, or read to its end.
    """
    try:
        with _raw(path) as raw:
            yield raw
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"cannot read {path} to its end: {error}; mend it, and run the same command again") from error


def _raw(path: str) -> BinaryIO:
    if not is_url(path):
        return Path(path).open("rb")
    files, inside = filesystem(path)
    return cast("BinaryIO", files.open(inside, "rb"))


def as_utf8(file: BinaryIO) -> BinaryIO:
    """A file of lines as UTF-8, whatever Windows wrote it in; one whose beginning is UTF-8 stays as it is."""
    name = sniffed(file.peek(_SNIFFED)[:_SNIFFED])  # type: ignore[attr-defined]
    return file if not name else cast("BinaryIO", io.BufferedReader(_Recoded(file, name), _CHUNK))


class _Recoded(io.RawIOBase):
    """Bytes of one encoding as those of UTF-8."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._decoder, self._ready = file, codecs.getincrementaldecoder(name)("replace"), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            data = self._file.read(_CHUNK)
            self._ready = self._decoder.decode(data, not data).encode("utf-8")
            if not data and not self._ready:
                return 0
        part, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


class _Counted(io.RawIOBase):
    """Bytes of another file, counted; one that ends before the size it had when it was opened was cut meanwhile."""

    def __init__(self, file: BinaryIO, meter: Meter, size: int) -> None:
        self._file, self._meter, self._size, self._done = file, meter, size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._meter.done += len(data)
        self._done += len(data)
        if not data and self._done < self._size:
            raise EOFError(f"it had {self._size} bytes, and was cut to {self._done} while it was read")
        return len(data)


class _Zstandard(io.RawIOBase):
    """Decompressed bytes of zstandard frames; a frame without its end is an error, which the library's is not."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        try:
            import zstandard
        except ImportError:
            raise ConfigError(f"{path}: to read .zst, pip install 'svodka[batch]'") from None
        self._library: Any = zstandard
        self._file, self._frame, self._ready, self._inside = file, None, memoryview(b""), False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            data = self._file.read(_COMPRESSED_CHUNK)
            if not data:
                if self._inside:
                    raise EOFError("the compressed file ends early")
                return 0
            self._ready = memoryview(self._decompress(data))
        part, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def _decompress(self, data: bytes) -> bytes:
        found = []
        try:
            while data:
                frame: Any = self._frame or self._library.ZstdDecompressor().decompressobj()
                found.append(frame.decompress(data))
                self._inside, data = not frame.eof, frame.unused_data if frame.eof else b""
                self._frame = None if frame.eof else frame
        except self._library.ZstdError as error:
            raise OSError(str(error)) from error
        return b"".join(found)
