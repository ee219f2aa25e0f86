"""What each call of gateway.v1.ConfigService does, over AdminService. Not for tokens, statuses or connections."""

from collections.abc import AsyncIterator, Callable, Sequence

from app.application.services.admin_service import AdminService
from app.domain.entities.control import Outcome, Stored
from app.domain.entities.request import Request
from app.domain.errors import GatewayError
from app.domain.policies.planning import version_of
from app.interfaces.grpc.authorization import READ_WRITE, may_see_secrets
from app.interfaces.grpc.documents import BadRequest, check_section, read_documents, read_edits
from app.interfaces.grpc.edits import apply_edits
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb
from app.interfaces.grpc.messages import (
    entities_message,
    explanation_message,
    outcome_message,
    plan_message,
    revision_message,
)
from app.interfaces.grpc.revision_feed import RevisionFeed
from app.interfaces.grpc.writes import Writes

Question = Callable[[str, str, Sequence[str]], Request]
"""The request of a method, a URL or path, and fields `name: value`, as the gateway would read it.

Raises ValueError for what is none, GatewayError for one that the gateway refuses.
"""


class ConfigServicer:
    """The calls; they raise what AdminService raises, and BadRequest."""

    def __init__(self, service: AdminService, feed: RevisionFeed, writes: Writes, question: Question) -> None:
        self._service = service
        self._feed = feed
        self._writes = writes
        self._question = question

    async def apply(self, request: pb.ApplyRequest) -> pb.ApplyResponse:
        """A whole configuration, or edits: all of them or none."""
        if request.WhichOneof("change") == "edits":
            change = apply_edits(self._service, read_edits(request.edits), READ_WRITE)
        elif request.HasField("configuration"):
            change = self._whole(request.configuration)
        else:
            raise BadRequest("give a configuration, or edits")
        return outcome_message(await self._writes.run(change))

    async def get(self, request: pb.GetRequest) -> pb.GetResponse:
        """Everything, a section, or an entity."""
        stored, version = await self._stored(request)
        return entities_message(stored, await self._service.status(), version)

    async def watch(self, _: pb.WatchRequest) -> AsyncIterator[pb.Revision]:
        """The revision that is live, then each new one."""
        async for revision in self._feed.watch():
            yield revision_message(revision)

    async def validate(self, request: pb.ValidateRequest) -> pb.ValidateResponse:
        """What `apply` would do with a whole configuration."""
        return plan_message(
            await self._service.view(secrets=may_see_secrets()).plan(read_documents(request.json, "json"))
        )

    async def explain(self, request: pb.ExplainRequest) -> pb.ExplainResponse:
        """What would happen to a request."""
        fields = [f"{field.name}: {field.value}" for field in request.fields]
        try:
            asked = self._question(request.method, request.url, fields)
        except ValueError as error:
            raise BadRequest(str(error)) from None
        except GatewayError as error:
            answer = f"{error.status}: {error.detail}"
            return pb.ExplainResponse(method=request.method, path=request.url, refused=True, answer=answer)
        return explanation_message(await self._service.explain(asked))

    async def _whole(self, whole: pb.Configuration) -> Outcome:
        documents = read_documents(whole.json, "configuration.json")
        digest, version = whole.expected_digest or None, whole.expected_version or None
        return await self._service.apply(documents, READ_WRITE, digest, version)

    async def _stored(self, request: pb.GetRequest) -> tuple[Stored, str]:
        """What is asked for; with the version of the whole store when that is."""
        section, id_ = request.section, request.id
        view = self._service.view(secrets=may_see_secrets())
        if not section:
            if id_:
                raise BadRequest("section: is empty; give the section of the entity")
            stored = await view.read()
            return stored, version_of(stored)
        check_section(section, "section")
        if id_:
            return {section: {id_: await view.get(section, id_)}}, ""
        return {section: await view.list(section)}, ""
