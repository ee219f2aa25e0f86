"""`/-/metrics`: what this server counted, for Prometheus. Not for counting."""

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MEDIA_TYPE = "text/plain; version=1.0.0; charset=utf-8"


class MetricsController:
    """`page` makes the text, and may block; `allowed` tells who may ask."""

    def __init__(self, page: Callable[[], bytes], allowed: Callable[[str], bool]) -> None:
        self._page = page
        self._allowed = allowed

    async def metrics(self, request: Request) -> Response:
        """The text of a scrape."""
        peer = request.client.host if request.client else ""
        if not self._allowed(peer):
            return JSONResponse({"status": 404, "title": "Not found"}, 404, media_type="application/problem+json")
        text = await asyncio.to_thread(self._page)
        return Response(text, media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})
