"""The calls for the configuration as a whole and for the gateway, as values. Not for what they do: the controllers."""

from typing import Final

from app.interfaces.admin.bodies import JSON, SUFFIXES
from app.interfaces.admin.config_controller import ConfigController
from app.interfaces.admin.explain_controller import ExplainController
from app.interfaces.admin.history_controller import HistoryController
from app.interfaces.admin.metrics import MEDIA_TYPE
from app.interfaces.admin.operations import Answer, Operation, Parameter
from app.interfaces.admin.schemas import DOCUMENTS, TEXT, list_of, object_of, ref
from app.interfaces.admin.status_controller import SCHEMAS, StatusController

_TYPES: Final = tuple(SUFFIXES)
_BODY: Final = (400, 408, 413, 415, 422)
_REVISION: Final = Parameter("revision", "path", "Its number.", {"type": "integer", "minimum": 1})
_KIND: Final = Parameter("type", "path", "What is described.", {"enum": list(SCHEMAS)})
_IF_MATCH: Final = Parameter("If-Match", "header", "The tag of the configuration that must still be stored.", TEXT)
_CACHED: Final = Parameter("If-None-Match", "header", "The entity tag that the caller already has.", TEXT)


def config_operations(controller: ConfigController) -> tuple[Operation, ...]:
    """Calls below `/config`."""
    problems = object_of({"problems": list_of(ref("ConfigProblem"))})
    return (
        Operation(
            "GET", "/config", "getConfig", "Everything stored.", controller.get,
            (Answer(200, "As it is stored.", DOCUMENTS, ("ETag",)), Answer(304, "The caller has it.", None, ("ETag",))),
            (), (_CACHED,),
        ),
        Operation(
            "PUT", "/config", "putConfig", "Replace everything; what is not in the body is removed.", controller.put,
            (Answer(200, "It is stored.", ref("Outcome"), ("ETag",)),), (*_BODY, 409, 412), (_IF_MATCH,),
            ref("Config"), _TYPES, writes=True,
        ),
        Operation(
            "POST", "/config/validate", "validateConfig", "What is wrong with a configuration.", controller.validate,
            (Answer(200, "No problems: it could be applied.", problems),), _BODY, (), ref("Config"), _TYPES,
        ),
        Operation(
            "POST", "/config/plan", "planConfig", "What a configuration would change.", controller.plan,
            (Answer(200, "Nothing was written.", ref("Plan")),), _BODY, (), ref("Config"), _TYPES,
        ),
    )  # fmt: skip


def history_operations(controller: HistoryController) -> tuple[Operation, ...]:
    """Calls below `/history`, and the way back."""
    revision = object_of({"revision": ref("Revision"), "documents": DOCUMENTS})
    return (
        Operation(
            "GET", "/history", "listRevisions", "What was live, the newest first.", controller.list,
            (Answer(200, "The revisions that are kept.", object_of({"items": list_of(ref("Revision"))})),),
        ),
        Operation(
            "GET", "/history/{revision}", "getRevision", "A revision with its documents.", controller.get,
            (Answer(200, "As it was live.", revision),), (404,), (_REVISION,),
        ),
        Operation(
            "POST", "/rollback/{revision}", "rollBack", "Apply a revision again.", controller.rollback,
            (Answer(200, "It is stored.", ref("Outcome")),), (404, 409, 422), (_REVISION,), writes=True,
        ),
    )  # fmt: skip


def gateway_operations(status: StatusController, explain: ExplainController) -> tuple[Operation, ...]:
    """Calls about the gateway."""
    index = object_of({"version": TEXT, "paths": list_of(TEXT)})
    return (
        Operation(
            "GET", "/", "getIndex", "The version, and where to read on.", status.index, (Answer(200, "It.", index),)
        ),
        Operation(
            "GET", "/status", "getStatus", "Revision, age, workers, targets, refused entities.", status.status,
            (Answer(200, "As far as the workers tell.", ref("GatewayStatus")),),
        ),
        Operation(
            "GET", "/metrics", "getMetrics", "Revision, age, workers, targets, for Prometheus.", status.metrics,
            (Answer(200, "As far as the workers tell.", TEXT, (), MEDIA_TYPE),),
        ),
        Operation(
            "POST", "/explain", "explain", "What would happen to a request; nothing is sent.", explain.explain,
            (Answer(200, "The route, and why.", ref("Explanation")),), _BODY, (), ref("Question"), JSON,
        ),
        Operation(
            "GET", "/schemas/{type}", "getSchema", "The JSON Schema of a configuration, or of one entity of it.",
            status.schema, (Answer(200, "JSON Schema 2020-12.", {"type": "object"}),), (404,), (_KIND,),
        ),
        Operation(
            "GET", "/openapi.json", "getOpenapi", "This document.", status.openapi,
            (Answer(200, "OpenAPI 3.1.", {"type": "object"}),),
        ),
    )  # fmt: skip
