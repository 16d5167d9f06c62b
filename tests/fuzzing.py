"""Mutates small inputs of every form and reads them: whatever comes out, it must be rows, rejects or one clear error.

    python tests/fuzzing.py --files 2000 --seed 1

Prints, for each form, how many files were read, refused, or ended otherwise, and the most CPU time. Exit code 1 if any
file raised something else than a SvodkaError without a message, or took longer than `--seconds`.
"""

import argparse
import gzip
import io
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import zstandard
from pyarrow import parquet

from svodka.errors import SvodkaError
from svodka.inputs.feed_document import read_document
from svodka.inputs.feeds import entry_article
from svodka.inputs.readers import read_rows
from svodka.inputs.rows import Reading, read_row
from svodka.inputs.sources import Inputs
from svodka.inputs.streams import Meter

TEXT = "Мост через Сорогу открыли {} мая. Движение пустили утром."
ROWS = [{"id": f"n{i}", "title": f"Мост № {i}", "text": TEXT.format(i), "n": i} for i in range(12)]
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()
TABLE = ("id,title,text\n" + "".join(f'{r["id"]},"{r["title"]}","{r["text"]}"\n' for r in ROWS)).encode()
PAGE = "Мост открыли\n\nЛид о том же.\nМост открыли на месяц раньше.\n\nПервым проехал автобус.\n\nМост, транспорт\n"
PARAGRAPHS = "".join(f"<p>{row['text']}</p>" for row in ROWS)
HTML = f'<html><head><meta charset="utf-8"></head><body><article><h1>Мост</h1>{PARAGRAPHS}</article></body></html>'
ITEMS = "".join(
    f"<item><guid>urn:{r['id']}</guid><title>{r['title']}</title><link>https://vestnik.example/{r['n']}</link>"
    f"<description>{r['text']} &#8212; &lt;b&gt;да&lt;/b&gt;</description></item>"
    for r in ROWS
)
CHANNEL = f"<channel><title>Вестник</title>{ITEMS}</channel>"
FEED = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{CHANNEL}</rss>'
TOKENS = [
    b"\0", b"\xff", b"\xed\xa0\x80", b'"', b"{", b"[" * 2000, b"&#0;", b"&#55357;", b"&#99999999999;", b"<", b"]]>",
    b"<!--", b"<![CDATA[", b"\n", b"\r", b"\xef\xbb\xbf", b"NaN", b"1e999", b"\\ud800", b"punycode", b"-1", b"\x1b[2J",
    b'encoding="utf-7"', b"charset=punycode", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"\xc2\x85", b"\xe2\x80\xa8",
]  # fmt: skip


def table_file() -> bytes:
    """The rows as Parquet."""
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(ROWS), file)
    return file.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstandard.compress}
# What each form holds, before it is packed.
FORMS: dict[str, Callable[[], bytes]] = {
    ".jsonl": lambda: LINES,
    ".jsonl.gz": lambda: LINES,
    ".jsonl.zst": lambda: LINES,
    ".csv": lambda: TABLE,
    ".tsv": lambda: TABLE.replace(b",", b"\t"),
    ".csv.gz": lambda: TABLE,
    ".parquet": table_file,
    ".txt": PAGE.encode,
    ".html": HTML.encode,
    "feed": FEED.encode,
}


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one to six changes: flipped, cut, doubled, or with a token put in."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(found) + 1)
        kind = chance.randrange(5)
        if kind == 0 and place < len(found):
            found[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del found[place : place + chance.randrange(60)]
        elif kind == 2:
            found[place:place] = found[place : place + chance.randrange(200)]
        elif kind == 3:
            found[place:place] = chance.choice(TOKENS)
        else:
            del found[place:]
    return bytes(found)


def read(path: Path, suffix: str) -> None:
    """Read a file as `annotate` or `watch` would."""
    if suffix == "feed":
        feed = read_document(path.read_bytes(), url="https://vestnik.example/rss", media_type="text/xml")
        for entry in feed.entries:
            entry_article(entry, feed, place="", name="x", labels=None)
        return
    for source in Inputs((str(path),)).sources():
        for row in read_rows(source, Meter()):
            read_row(row, Reading(None))


def outcomes(suffix: str, files: int, chance: random.Random, folder: Path) -> Iterator[tuple[str, float]]:
    """What became of each file, and the CPU seconds it took."""
    data, pack = FORMS[suffix](), PACKED.get(Path(suffix).suffix, bytes)
    for i in range(files):
        path = folder / f"rows{'' if suffix == 'feed' else suffix}"
        # A change within is found by whoever reads rows, one of the packed bytes by the checksum.
        inside = chance.random() < 0.5
        path.write_bytes(pack(mutated(data, chance)) if inside else mutated(pack(data), chance))
        begun, outcome = time.process_time(), "read"
        try:
            read(path, suffix)
        except SvodkaError as error:
            outcome = "refused" if str(error) else "refused without a word"
        except BaseException as error:
            kept = folder.parent / f"fuzz-{i}{suffix.replace('feed', '.xml')}"
            kept.write_bytes(path.read_bytes())
            outcome = f"{type(error).__name__}: {str(error)[:80]} ({kept})"
        yield outcome, time.process_time() - begun


def main() -> int:
    """Run all forms."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--files", type=int, default=200, help="of each form")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--seconds", type=float, default=5.0, help="most CPU time that a file may take")
    options.add_argument("--form", choices=list(FORMS), action="append")
    given = options.parse_args()
    bad = False
    with tempfile.TemporaryDirectory() as folder:
        for suffix in given.form or FORMS:
            chance = random.Random(f"{given.seed}{suffix}")
            found = list(outcomes(suffix, given.files, chance, Path(folder)))
            counts, longest = Counter(outcome for outcome, _ in found), max(seconds for _, seconds in found)
            print(f"{suffix:11} {dict(counts)}, longest {longest:.2f} s", flush=True)
            bad |= longest > given.seconds or bool(set(counts) - {"read", "refused"})
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
