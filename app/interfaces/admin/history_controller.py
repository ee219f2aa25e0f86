"""`/history`, `/rollback`: what was live, and how to have it back."""

from starlette.responses import Response

from app.application.services.admin_service import AdminService
from app.interfaces.admin.answers import json_answer, outcome_answer
from app.interfaces.admin.calls import Call


class HistoryController:
    """Serves revisions."""

    def __init__(self, service: AdminService) -> None:
        self._service = service

    async def list(self, call: Call) -> Response:
        """The revisions that are kept, the newest first."""
        call.query(())
        return json_answer({"items": (await self._service.history())[::-1]})

    async def get(self, call: Call) -> Response:
        """One revision with its documents."""
        call.query(())
        revision, documents = await self._service.view(secrets=call.secrets).documents_of(call.number("revision"))
        return json_answer({"revision": revision, "documents": documents})

    async def rollback(self, call: Call) -> Response:
        """Apply a revision again."""
        call.query(())
        return outcome_answer(await self._service.rollback(call.number("revision"), call.by))
