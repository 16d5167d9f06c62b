"""Whether memory stays flat while a stream is read."""

from collections.abc import Mapping

from speed import memory
from speed.articles import save
from speed.contenders import Spec
from speed.setting import Section, Setting
from speed.shapes import TINY, Heads, bundle
from svodka.bundle import default_bundle

TIMES = 8
_HEADER = (
    "bundle", "weights in fp32", "libraries", "model loaded", "peak at {}", "peak at {}", "grows by",
    "peak less libraries", "allowed: 1.3 x weights + 200 MB",
)  # fmt: skip


def streams(setting: Setting, peaks: Mapping[str, float]) -> Section:
    """Peak memory over a stream and over one that is `TIMES` as long, each in a process of its own."""
    path = setting.work / "streamed.jsonl"
    save(setting.articles, path)
    sizes = (setting.n_stream, TIMES * setting.n_stream)
    bundles = {f"tags, {TINY.name}": bundle(TINY, Heads(), setting), "the one that ships": default_bundle()}
    cells, data = [], {}
    for name, folder in bundles.items():
        spec = Spec(name, "svodka", str(folder), engine="auto")
        short, long = (memory.measure(spec.to_json(), path, n, device=setting.device) for n in sizes)
        grown, above = long.peak - short.peak, max(short.above, long.above)
        numbers = (long.weights, long.imported, long.loaded, short.peak, long.peak, grown, above, long.allowed)
        cells.append([name, *(f"{x:,.0f}" for x in numbers)])
        data[name] = {"sizes": sizes, "short": vars(short), "long": vars(long)}
    header = [*_HEADER[:4], *(_HEADER[4].format(f"{n:,} articles") for n in sizes), *_HEADER[6:]]
    notes = [
        "MiB of resident memory, engine auto. The libraries are what a process takes that only imports the same "
        "modules; the peak is counted from after the model was loaded, and held without them against what is allowed.",
        f"At most 256 articles are held at a time; {len(setting.articles)} articles, read again and again.",
    ]
    return Section("Memory while streaming", header, cells, notes, data)
