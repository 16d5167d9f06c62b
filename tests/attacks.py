"""Small files and servers made to hurt, with what each costs: seconds and memory of a process that reads it.

    python tests/attacks.py            # all
    python tests/attacks.py zst title  # some

Prints a row a case, and ends with exit code 1 if one took more than a minute and a half or a gigabyte.
"""

import json
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import zstandard
from pyarrow import parquet

from svodka.errors import SvodkaError
from svodka.inputs.aside import Aside
from svodka.inputs.feeds import parse_feed
from svodka.inputs.readers import read_rows
from svodka.inputs.rows import Reading, read_row
from svodka.inputs.sources import Inputs
from svodka.inputs.streams import Meter
from svodka.watch.fetch import feed_address, fetch

MIB = 1 << 20
MOST_SECONDS, MOST_BYTES = 90.0, 1 << 30
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
RSS = '<rss version="2.0"><channel><title>Вестник</title><item><guid>urn:1</guid>{}</item></channel></rss>'


def read(path: Path) -> str:
    """Read a file or folder as `annotate` does; what came of it."""
    good, refused = 0, 0
    for source in Inputs((str(path),)).sources():
        for row in read_rows(source, Meter()):
            found = type(read_row(row, Reading(None))).__name__
            good, refused = good + (found == "Article"), refused + (found == "Reject")
    return f"{good} articles, {refused} rejects"


def zst(folder: Path) -> str:
    """2 GB of one line."""
    packer = zstandard.ZstdCompressor().compressobj()
    path = folder / "rows.jsonl.zst"
    path.write_bytes(b"".join(packer.compress(b" " * MIB) for _ in range(2048)) + packer.flush())
    return read(path)


def table(folder: Path) -> str:
    """A text of 20 MB that 256 rows name."""
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 256), ["a" * 20_000_000])
    parquet.write_table(pa.table({"text": text}), folder / "rows.parquet", compression="zstd")
    return read(folder / "rows.parquet")


def title(folder: Path) -> str:
    """A title of 21 MB."""
    (folder / "rows.jsonl").write_text(json.dumps({"text": "Снег.", "title": "я " * 5_250_000}, ensure_ascii=False))
    return read(folder / "rows.jsonl")


def tags(folder: Path) -> str:
    """300,000 flat tags."""
    (folder / "a.html").write_text("<b>я</b>" * 150_000, encoding="utf-8")
    return read(folder / "a.html")


def lines(folder: Path) -> str:
    """A million lines of one letter."""
    (folder / "a.txt").write_text("а\n" * 1_000_000, encoding="utf-8")
    return read(folder / "a.txt")


def links(folder: Path) -> str:
    """Two links to the folder itself, one out of it, a pipe."""
    (folder / "a.txt").write_text("Мост открыли\n\nДвижение пустили утром.\n", encoding="utf-8")
    for name, target in (("x", "."), ("y", "."), ("z.txt", "/dev/zero")):
        (folder / name).symlink_to(target)
    return read(folder)


def authors(_: Path) -> str:
    """60 kB of authors, on which feedparser takes half a minute."""
    return feed("<author>" + "a" * 60_000 + "</author>")


def comments(_: Path) -> str:
    """160 kB of comments that do not end."""
    return feed(f"<description><![CDATA[{'<!--' * 40_000}]]></description>")


def feed(markup: str) -> str:
    """Read a feed in its process."""
    process = Aside()
    try:
        document, url = RSS.format(markup).encode(), "https://vestnik.example/rss"
        found = parse_feed(document, url=url, media_type="text/xml", aside=process)
        return f"{len(found.entries)} entries"
    except SvodkaError as error:
        return str(error)
    finally:
        process.end()


def servers(_: Path) -> str:
    """Ten answers without an end, asked for at once."""
    drips = [
        (b"", b"X"), (HEAD + b"X-A: ", b"x"), (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"), (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n"), (HEAD + b"\r\n", b"x"), (b"", b""),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08" + b"\0" * 7, b"\0\0\0\xff\xff"),
        (b"HTTP/1.1 302 Found\r\nLocation: /b\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ]  # fmt: skip
    taken: list[float] = []

    def ask(start: bytes, more: bytes) -> None:
        begun = time.monotonic()
        if not fetch(feed_address(dripping(start, more)), "", hosts=("127.0.0.1",)).trouble:
            raise AssertionError(start)
        taken.append(time.monotonic() - begun)

    threads = [threading.Thread(target=ask, args=drip) for drip in drips]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return f"{len(taken)} given up, the last after {max(taken):.0f} s"


def dripping(start: bytes, more: bytes) -> str:
    """The address of a server that answers so, a few bytes ten times a second."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(start)
                while True:
                    connection.sendall(more)
                    time.sleep(0.1)

    threading.Thread(target=answer, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}/rss"


CASES: dict[str, Callable[[Path], str]] = {
    case.__name__: case
    for case in (zst, table, title, tags, lines, links, authors, comments, servers)
}  # fmt: skip


def measured(name: str) -> bool:
    """Run a case in a process of its own, and say what it cost; whether that was within the limits."""
    begun = time.monotonic()
    done = subprocess.run([sys.executable, __file__, "--one", name], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begun
    told = json.loads(done.stdout) if done.returncode == 0 else {"outcome": done.stderr[-300:], "cpu": 0, "bytes": 0}
    print(f"{name:10} {told['cpu']:6.1f} s CPU {seconds:6.1f} s {told['bytes'] / MIB:6.0f} MiB  {told['outcome']}")
    return done.returncode == 0 and seconds <= MOST_SECONDS and told["bytes"] <= MOST_BYTES


def one(name: str) -> None:
    """Run a case in this process."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = CASES[name](Path(folder))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu, most = sum(x.ru_utime + x.ru_stime for x in used), max(x.ru_maxrss for x in used) * 1024
    print(json.dumps({"outcome": outcome, "cpu": cpu, "bytes": most}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2])
    else:
        found = [measured(name) for name in sys.argv[1:] or CASES]
        sys.exit(not all(found))
