"""`/-/live` and `/-/ready`: whether to restart this process, or to send it traffic. Not for targets' health."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse


class Lifecycle:
    """Whether this worker takes traffic."""

    def __init__(self) -> None:
        self.draining = False

    def drain(self) -> None:
        """Say so to whoever asks whether this worker is ready; requests are still answered."""
        self.draining = True


class HealthController:
    """`problem` tells why there is no configuration, `allowed` who may ask."""

    def __init__(
        self, lifecycle: Lifecycle, problem: Callable[[], str], live: Callable[[], bool], allowed: Callable[[str], bool]
    ) -> None:
        self._lifecycle = lifecycle
        self._problem = problem
        self._live = live
        self._allowed = allowed

    async def live(self, request: Request) -> JSONResponse:
        """200 as long as the event loop turns."""
        return self._answer(request, 200, "alive", "")

    async def ready(self, request: Request) -> JSONResponse:
        """200 when traffic may come; 503 before the first configuration is live, and while draining."""
        if self._lifecycle.draining:
            return self._answer(request, 503, "draining", "the gateway is shutting down")
        if not self._live():
            return self._answer(request, 503, "no configuration", self._problem())
        return self._answer(request, 200, "ready", "")

    def _answer(self, request: Request, status: int, state: str, reason: str) -> JSONResponse:
        peer = request.client.host if request.client else ""
        if not self._allowed(peer):
            return JSONResponse({"status": 404, "title": "Not found"}, 404, media_type="application/problem+json")
        body = {"status": state, "reason": reason} if reason else {"status": state}
        return JSONResponse(body, status, headers={"cache-control": "no-store"})
