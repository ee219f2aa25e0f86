"""Endpoints that answer without a service: `redirect` and `respond`. Compiled once, nothing decided for a request."""

from http import HTTPStatus

from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.entities.route import Redirect, Respond
from app.domain.policies.rewriting import compile_redirect


class RedirectEndpoint:
    """Sends the client elsewhere."""

    def __init__(self, redirect: Redirect) -> None:
        self._status = redirect.status
        self._locate = compile_redirect(redirect)

    async def __call__(self, exchange: Exchange) -> Response:
        """The redirect. Raises DownstreamError when the request cannot make a safe location."""
        location = self._locate(exchange.request, exchange.params)
        return Response(self._status, [(b"location", location.encode("latin-1")), (b"content-length", b"0")])


class RespondEndpoint:
    """Gives the answer that the configuration holds."""

    def __init__(self, respond: Respond) -> None:
        self._status = respond.status
        self._body = respond.body.encode()
        self._headers: Headers = [(name.lower().encode(), value.encode()) for name, value in respond.headers.items()]
        if respond.status not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            self._headers.append((b"content-length", str(len(self._body)).encode()))
            if self._body and b"content-type" not in dict(self._headers):
                self._headers.append((b"content-type", b"text/plain; charset=utf-8"))

    async def __call__(self, exchange: Exchange) -> Response:
        """The answer; HEAD gets its head only (RFC 9110 section 9.3.2)."""
        body = b"" if exchange.request.method == "HEAD" else self._body
        return Response(self._status, self._headers.copy(), body)
