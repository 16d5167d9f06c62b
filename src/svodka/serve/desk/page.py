"""The desk's files, and the headers under which a browser loads nothing else and runs nothing that stands in a text."""

from functools import cache
from pathlib import Path

from fastapi import Response

_FOLDER = Path(__file__).parent / "assets"
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
    "connect-src": "'self'", "form-action": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
}  # fmt: skip
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


@cache
def assets() -> dict[str, tuple[bytes, str]]:
    """File name -> its bytes and media type."""
    return {path.name: (path.read_bytes(), _KINDS[path.suffix]) for path in _FOLDER.iterdir() if path.suffix in _KINDS}


def asset(name: str) -> Response | None:
    """One file as an answer; None where there is none of the name."""
    found = assets().get(name)
    return None if found is None else Response(found[0], media_type=found[1], headers=HEADERS)
