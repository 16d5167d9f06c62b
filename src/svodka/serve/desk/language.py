"""Errors in the language that the page speaks."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from svodka.errors import ConfigError, DataError
from svodka.messages import translated

_MOST = 8  # characters of a language that are looked at


class InPagesLanguage(APIRoute):
    """A route whose errors are told in the first language of the request's `Accept-Language`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, its errors translated."""
        handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            language = request.headers.get("accept-language", "en")[:_MOST].partition(",")[0].partition("-")[0]
            try:
                return await handler(request)
            except (DataError, ConfigError) as error:
                raise type(error)(translated(str(error), language=language)) from error
            except HTTPException as error:
                detail = translated(str(error.detail), language=language)
                raise HTTPException(error.status_code, detail, error.headers) from error

        return told
