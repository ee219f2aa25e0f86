"""Messages of gateway.v1 of the values of the control plane. Not for reading requests: `documents`."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from app.application.services.explain_service import Explanation
from app.domain.entities.config import SECTIONS, ConfigProblem
from app.domain.entities.control import (
    Difference,
    Document,
    EntityChange,
    GatewayStatus,
    Outcome,
    Plan,
    Revision,
    Stored,
    StoredEntity,
)
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb

_DIFFERENCES: Final[dict[Difference, pb.Change.Difference]] = {
    "added": pb.Change.DIFFERENCE_ADDED,
    "changed": pb.Change.DIFFERENCE_CHANGED,
    "removed": pb.Change.DIFFERENCE_REMOVED,
}

_MOST_CANDIDATES: Final = 1000


def entities_message(stored: Stored, status: GatewayStatus, version: str = "") -> pb.GetResponse:
    """Entities by section and id, and what is live; `version` is that of the whole store."""
    return pb.GetResponse(entities=_entities(stored), version=version, revision=status.revision, digest=status.digest)


def outcome_message(outcome: Outcome) -> pb.ApplyResponse:
    """What an applied change led to."""
    return pb.ApplyResponse(
        changes=map(_change, outcome.changes),
        revision=outcome.revision,
        digest=outcome.digest,
        warnings=outcome.warnings,
    )


def plan_message(plan: Plan) -> pb.ValidateResponse:
    """What would happen."""
    return pb.ValidateResponse(
        problems=problem_messages(plan.problems),
        changes=map(_change, plan.changes),
        warnings=plan.warnings,
        digest=plan.digest,
    )


def problem_messages(problems: Iterable[ConfigProblem]) -> list[pb.Problem]:
    """Problems without their source: whoever sent the configuration knows it."""
    return [pb.Problem(entity=one.entity, field=one.field, reason=one.reason) for one in problems]


def revision_message(revision: Revision) -> pb.Revision:
    """One configuration that was live."""
    return pb.Revision(
        number=revision.number,
        digest=revision.digest,
        time=revision.time,
        source=revision.source,
        changes=[
            pb.Change(section=section, id=id_, difference=_DIFFERENCES[difference])
            for section, entities in revision.changes.items()
            for id_, difference in entities.items()
        ],
        changed=revision.changed,
        **{section: getattr(revision, section) for section in SECTIONS},
    )


def explanation_message(story: Explanation) -> pb.ExplainResponse:
    """What would happen to a request; of the routes that were looked at, the first thousand."""
    return pb.ExplainResponse(
        method=story.method,
        host=story.host,
        path=story.path,
        candidates=[
            pb.Candidate(id=one.id, matched=one.matched, chosen=one.chosen, failed=str(one.failed or ""))
            for one in story.candidates[:_MOST_CANDIDATES]
        ],
        route=story.route,
        params=story.params,
        refused=story.refused,
        answer=story.answer,
        targets=story.targets,
        target=story.target,
        host_sent=story.host_sent,
        filters=story.filters,
        timeouts=story.timeouts,
        steps=[pb.Step(place=one.place, does=one.does, limits=one.limits) for one in story.steps],
    )


def _entities(stored: Stored) -> Iterator[pb.Entity]:
    for section in SECTIONS:
        for id_, entity in sorted(stored.get(section, {}).items()):
            yield _entity(section, id_, entity)


def _entity(section: str, id_: str, entity: StoredEntity) -> pb.Entity:
    return pb.Entity(section=section, id=id_, json=_json(entity.document), version=entity.version)


def _change(change: EntityChange) -> pb.Change:
    message = pb.Change(section=change.section, id=change.id, difference=_DIFFERENCES[change.difference])
    if change.difference != "added":
        message.before_json = _json(change.before)
    if change.difference != "removed":
        message.after_json = _json(change.after)
    return message


def _json(document: Document) -> str:
    return msgspec.json.encode(document).decode()
