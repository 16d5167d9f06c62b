"""What goes wrong becomes a status and two words: a type for programs, a sentence for people. No traceback leaves."""

import math
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from svodka.errors import BundleError, ConfigError, DataError, QueueFullError, SvodkaError
from svodka.serve.schemas import Failed, Problem, told

_TYPES = {
    400: "bad_request", 401: "no_token", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    408: "slow_request", 413: "too_large", 415: "wrong_media_type", 429: "too_many_requests",
    500: "internal_error", 503: "not_ready", 504: "time_limit",
}  # fmt: skip
# What FastAPI is to describe of any route that reads articles.
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Failed, "description": text}
    for status, text in {
        400: "not JSON, or an option that this model cannot follow",
        401: "no token, or a wrong one",
        403: "not allowed by this token, or asked by another site's page",
        408: "the request took too long to arrive",
        413: "more bytes or articles than a request may have",
        415: "not JSON",
        422: "not what is asked for here, or a text that is no article",
        429: "too many articles wait; ask again after `Retry-After` seconds",
        500: "a fault of the service; its log says more",
        503: "not ready yet",
        504: "not answered within the time limit",
    }.items()
}


# The first that fits, with its status, a word for programs, and what is told in place of the error's own words.
_KINDS: tuple[tuple[type[Exception], int, str, str], ...] = (
    (QueueFullError, 429, "too_many_requests", ""),
    (DataError, 422, "unusable_article", ""),
    (ConfigError, 400, "bad_option", ""),
    (BundleError, 422, "unusable_bundle", ""),
    (SvodkaError, 503, "not_ready", ""),
    (TimeoutError, 504, "time_limit", "not answered within the time limit; ask for less at once"),
    (Exception, 500, "internal_error", "the service failed; its log says more"),
)


def problem(error: Exception) -> tuple[int, Problem]:
    """The status of an error, and what is told of it."""
    if isinstance(error, HTTPException):
        kind = _TYPES.get(error.status_code, "error")
        return error.status_code, Problem(type=kind, message=str(error.detail))
    _, status, kind, told_instead = next(row for row in _KINDS if isinstance(error, row[0]))
    return status, Problem(type=kind, message=told_instead or str(error))


def answer_of(error: Exception) -> JSONResponse:
    """The answer that tells of an error."""
    status, found = problem(error)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if isinstance(error, QueueFullError):
        headers["Retry-After"] = str(math.ceil(error.seconds))
    return JSONResponse(Failed(error=found).model_dump(), status, headers)


def tell_problems(app: FastAPI) -> None:
    """Have an app answer every error so."""

    async def known(request: Request, error: Exception) -> JSONResponse:
        return answer_of(error)

    async def refused(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        faults = [fault | {"loc": [part for part in fault["loc"] if part not in ("body", "one", "many")]}
                  for fault in error.errors()]  # fmt: skip
        broken = any(fault["type"] == "json_invalid" for fault in faults)
        status = 400 if broken else 422
        found = Problem(type="no_json" if broken else "bad_request", message=told(faults))
        return JSONResponse(Failed(error=found).model_dump(), status)

    for kind in (SvodkaError, TimeoutError, HTTPException, Exception):
        app.add_exception_handler(kind, known)
    app.add_exception_handler(RequestValidationError, refused)
