"""Who may ask: by a token, or from this machine alone."""

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit

from fastapi import Request
from starlette.exceptions import HTTPException

from svodka.serve.options import Token, is_loopback


class Gate:
    """Lets requests pass."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        """Take the tokens; without any, whoever is on this machine may ask."""
        self._digests = [(_digest(token.secret), token.admin) for token in tokens]

    async def __call__(self, request: Request) -> None:
        """Let a request pass.

        Raises:
            HTTPException: 401 without a right token; without tokens 403 for another site's page.
        """
        self._found(request)

    async def admin(self, request: Request) -> None:
        """Let a request pass that changes the model.

        Raises:
            HTTPException: as of any request; 403 if its token may not.
        """
        if not self._found(request):
            raise HTTPException(
                403, "this token may not change the model; it needs `admin` before it in the token file"
            )

    def _found(self, request: Request) -> bool:
        """Whether the request may change the model."""
        if not self._digests:
            _check_own_machine(request)
            return True
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        digest = _digest(given.strip())
        # All are compared, and in full: neither which one is right nor how much of it is told by the time.
        right = [(admin, hmac.compare_digest(digest, known)) for known, admin in self._digests]
        if scheme.lower() != "bearer" or not any(same for _, same in right):
            raise HTTPException(
                401, "give a token of the service as `Authorization: Bearer TOKEN`", {"WWW-Authenticate": "Bearer"}
            )
        return any(admin and same for admin, same in right)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _check_own_machine(request: Request) -> None:
    # A page of another site in a browser on this machine reaches a loopback address too, by a name of its own that
    # leads here or by a form that needs nobody's leave.
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if not is_loopback(host):
        raise HTTPException(403, f"without tokens only localhost is answered, not '{host[:100]}'; give --token-file")
    origin = request.headers.get("origin")
    if origin is not None and not is_loopback(urlsplit(origin).hostname or "") and origin not in _allowed(request):
        raise HTTPException(403, f"a page of {origin[:100]} may not ask; allow it by --allow-origin")


def _allowed(request: Request) -> tuple[str, ...]:
    found: tuple[str, ...] = request.app.state.origins
    return found
