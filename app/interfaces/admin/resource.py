"""Serves one path of the admin API: picks the operation by method. Not for what operations do."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.interfaces.admin.authorization import check_write, may_write
from app.interfaces.admin.calls import Call
from app.interfaces.admin.operations import Operation
from app.interfaces.admin.problems import Refusal

WHO = "gateway.admin.who"
"""Key of the scope under which is who asks."""


class Resource:
    """An ASGI application. HEAD is GET without its body; OPTIONS tells the methods (RFC 9110 section 9.3.7)."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._operations = {operation.method: operation for operation in operations}
        methods = {*self._operations, "OPTIONS"}
        if "GET" in methods:
            methods.add("HEAD")
        self._allow = {"allow": ", ".join(sorted(methods))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._respond(request)
        if request.method == "HEAD":
            # The length stays that of the answer to GET (RFC 9110 section 9.3.2).
            response.body = b""
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        method = request.method
        if method == "OPTIONS":
            return Response(status_code=204, headers=self._allow)
        operation = self._operations.get("GET" if method == "HEAD" else method)
        if operation is None:
            detail = f"{self._allow['allow']} are"
            raise Refusal(
                405, "method_not_allowed", "Method not allowed", f"{detail} allowed here", headers=self._allow
            )
        who: str = request.scope[WHO]
        if operation.writes:
            check_write(who)
        return await operation.handler(Call(request, who, may_write(who)))
