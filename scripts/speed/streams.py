"""Whether memory stays flat while a stream is read."""

from collections.abc import Mapping

from speed import memory
from speed.articles import save
from speed.contenders import Spec
from speed.setting import Section, Setting
from speed.shapes import TINY, Heads, bundle
from svodka.bundle import default_bundle


def streams(setting: Setting, peaks: Mapping[str, float]) -> Section:
    """Peak memory over a stream, each time twice as many articles were read, each bundle in a process of its own."""
    path, n = setting.work / "streamed.jsonl", setting.n_stream
    save(setting.articles, path)
    bundles = {f"tags, {TINY.name}": bundle(TINY, Heads(), setting), "the one that ships": default_bundle()}
    found = {
        name: memory.measure(Spec(name, "svodka", str(folder), engine="auto").to_json(), path, n, device=setting.device)
        for name, folder in bundles.items()
    }
    marks = "; ".join(f"{read:,}" for read in next(iter(found.values())).marks)
    header = (
        "bundle", "weights in fp32", "libraries", "model loaded", f"peak after {marks} articles",
        "grows over the last three quarters by", "peak less libraries", "allowed: 1.3 x weights + 200 MB",
    )  # fmt: skip
    notes = [
        "MiB of resident memory, engine auto. The weights are all that the file holds, fitted tables included. The "
        "libraries are what a process takes that only imports the same modules; the peak is counted from after the "
        "model was loaded, and held without them against what is allowed.",
        f"At most 256 articles are held at a time; {len(setting.articles)} articles, read again and again.",
    ]
    cells = [[name, *_cells(measured)] for name, measured in found.items()]
    data = {name: vars(measured) for name, measured in found.items()}
    return Section("Memory while streaming", header, cells, notes, data)


def _cells(found: memory.Memory) -> list[str]:
    peaks = list(found.marks.values())
    quarter = peaks[-3:][0]
    numbers = (found.weights, found.imported, found.loaded, found.peak - quarter, found.above, found.allowed)
    told = [f"{x:,.0f}" for x in numbers]
    return [*told[:3], "; ".join(f"{peak:,.0f}" for peak in peaks), *told[3:]]
