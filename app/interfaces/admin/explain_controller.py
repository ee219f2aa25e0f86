"""`/explain`: what would happen to a request. Not for sending one."""

from typing import Final

import msgspec
from starlette.responses import Response

from app.application.services.admin_service import AdminService
from app.application.services.explain_service import Explanation
from app.domain.entities.config import ConfigProblem
from app.domain.errors import GatewayError
from app.interfaces.admin.answers import json_answer
from app.interfaces.admin.bodies import read_json
from app.interfaces.admin.calls import Call
from app.interfaces.admin.problems import invalid
from app.interfaces.intake import Intake
from app.interfaces.question import Question, request_of

MOST_CANDIDATES: Final = 1000
"""Routes that an answer tells of, in the order in which they are tried."""


class ExplainController:
    """`intake` reads the request as the gateway would."""

    def __init__(self, service: AdminService, intake: Intake) -> None:
        self._service = service
        self._intake = intake

    async def explain(self, call: Call) -> Response:
        """The route of a request, and why."""
        call.query(())
        body = await read_json(call.request)
        try:
            question = msgspec.convert(body, Question)
            request = request_of(question, self._intake)
        except GatewayError as error:
            answer = f"{error.status}: {error.detail}"
            return json_answer(Explanation(question.method, "", question.url, refused=True, answer=answer))
        except ValueError as error:
            raise invalid([ConfigProblem("request", "", "", str(error))]) from None
        story = await self._service.explain(request)
        return json_answer(msgspec.structs.replace(story, candidates=story.candidates[:MOST_CANDIDATES]))
