"""What surrounds every call of the admin API: who asks, from where, and an answer whatever happens. Pure ASGI."""

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.ports import Events
from app.interfaces.admin.authorization import Authorization
from app.interfaces.admin.browsers import BrowserCheck
from app.interfaces.admin.problems import Refusal, answer_of, not_found, refusal_of
from app.interfaces.admin.resource import WHO


class Shell:
    """An ASGI middleware. Paths in `signed` need no token: what is served there checks signatures itself."""

    def __init__(
        self,
        app: ASGIApp,
        authorization: Authorization,
        browsers: BrowserCheck,
        events: Events,
        signed: Collection[str] = (),
    ) -> None:
        self._app = app
        self._authorization = authorization
        self._browsers = browsers
        self._events = events
        self._signed = frozenset(signed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update({"cache-control": "no-store", "x-content-type-options": "nosniff"})
            await send(message)

        try:
            await self._serve(scope, receive, sending)
        except Exception as error:
            refusal = self._refusal(scope, error)
            if not started:
                await answer_of(refusal)(scope, receive, sending)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["path"] not in self._signed:
            self._browsers.check(headers)
            scope[WHO] = self._authorization.who(headers)
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, error: Exception) -> Refusal:
        refusal = refusal_of(error)
        if refusal is None:
            self._events.error(
                "an admin request failed", method=scope["method"], path=scope["path"][:200], error=repr(error)
            )
            detail = "a mistake of the gateway: its log tells more"
            refusal = Refusal(500, "internal_error", "Internal error", detail)
        return refusal


async def refused_by_starlette(_: Request, error: Exception) -> Response:
    """Starlette's own refusals, as ours."""
    if not isinstance(error, HTTPException) or error.status_code == 404:
        return answer_of(not_found("there is no such path; GET /openapi.json lists all there are"))
    return answer_of(Refusal(error.status_code, "refused", error.detail, headers=error.headers))
