from google.protobuf import any_pb2 as _any_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ApplyRequest(_message.Message):
    __slots__ = ("configuration", "edits")
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    EDITS_FIELD_NUMBER: _ClassVar[int]
    configuration: Configuration
    edits: Edits
    def __init__(self, configuration: _Optional[_Union[Configuration, _Mapping]] = ..., edits: _Optional[_Union[Edits, _Mapping]] = ...) -> None: ...

class Configuration(_message.Message):
    __slots__ = ("json", "expected_version", "expected_digest")
    JSON_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_DIGEST_FIELD_NUMBER: _ClassVar[int]
    json: str
    expected_version: str
    expected_digest: str
    def __init__(self, json: _Optional[str] = ..., expected_version: _Optional[str] = ..., expected_digest: _Optional[str] = ...) -> None: ...

class Edits(_message.Message):
    __slots__ = ("edits",)
    EDITS_FIELD_NUMBER: _ClassVar[int]
    edits: _containers.RepeatedCompositeFieldContainer[Edit]
    def __init__(self, edits: _Optional[_Iterable[_Union[Edit, _Mapping]]] = ...) -> None: ...

class Edit(_message.Message):
    __slots__ = ("section", "id", "json", "remove", "expected_version")
    SECTION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    REMOVE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    section: str
    id: str
    json: str
    remove: bool
    expected_version: str
    def __init__(self, section: _Optional[str] = ..., id: _Optional[str] = ..., json: _Optional[str] = ..., remove: _Optional[bool] = ..., expected_version: _Optional[str] = ...) -> None: ...

class ApplyResponse(_message.Message):
    __slots__ = ("changes", "revision", "digest", "warnings")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[Change]
    revision: int
    digest: str
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, changes: _Optional[_Iterable[_Union[Change, _Mapping]]] = ..., revision: _Optional[int] = ..., digest: _Optional[str] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class Change(_message.Message):
    __slots__ = ("section", "id", "difference", "before_json", "after_json")
    class Difference(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DIFFERENCE_UNSPECIFIED: _ClassVar[Change.Difference]
        DIFFERENCE_ADDED: _ClassVar[Change.Difference]
        DIFFERENCE_CHANGED: _ClassVar[Change.Difference]
        DIFFERENCE_REMOVED: _ClassVar[Change.Difference]
    DIFFERENCE_UNSPECIFIED: Change.Difference
    DIFFERENCE_ADDED: Change.Difference
    DIFFERENCE_CHANGED: Change.Difference
    DIFFERENCE_REMOVED: Change.Difference
    SECTION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    BEFORE_JSON_FIELD_NUMBER: _ClassVar[int]
    AFTER_JSON_FIELD_NUMBER: _ClassVar[int]
    section: str
    id: str
    difference: Change.Difference
    before_json: str
    after_json: str
    def __init__(self, section: _Optional[str] = ..., id: _Optional[str] = ..., difference: _Optional[_Union[Change.Difference, str]] = ..., before_json: _Optional[str] = ..., after_json: _Optional[str] = ...) -> None: ...

class GetRequest(_message.Message):
    __slots__ = ("section", "id")
    SECTION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    section: str
    id: str
    def __init__(self, section: _Optional[str] = ..., id: _Optional[str] = ...) -> None: ...

class GetResponse(_message.Message):
    __slots__ = ("entities", "version", "revision", "digest")
    ENTITIES_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    entities: _containers.RepeatedCompositeFieldContainer[Entity]
    version: str
    revision: int
    digest: str
    def __init__(self, entities: _Optional[_Iterable[_Union[Entity, _Mapping]]] = ..., version: _Optional[str] = ..., revision: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...

class Entity(_message.Message):
    __slots__ = ("section", "id", "json", "version")
    SECTION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    section: str
    id: str
    json: str
    version: str
    def __init__(self, section: _Optional[str] = ..., id: _Optional[str] = ..., json: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Revision(_message.Message):
    __slots__ = ("number", "digest", "time", "source", "changes", "changed", "services", "routes", "issuers", "consumers", "chains")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    ROUTES_FIELD_NUMBER: _ClassVar[int]
    ISSUERS_FIELD_NUMBER: _ClassVar[int]
    CONSUMERS_FIELD_NUMBER: _ClassVar[int]
    CHAINS_FIELD_NUMBER: _ClassVar[int]
    number: int
    digest: str
    time: float
    source: str
    changes: _containers.RepeatedCompositeFieldContainer[Change]
    changed: int
    services: int
    routes: int
    issuers: int
    consumers: int
    chains: int
    def __init__(self, number: _Optional[int] = ..., digest: _Optional[str] = ..., time: _Optional[float] = ..., source: _Optional[str] = ..., changes: _Optional[_Iterable[_Union[Change, _Mapping]]] = ..., changed: _Optional[int] = ..., services: _Optional[int] = ..., routes: _Optional[int] = ..., issuers: _Optional[int] = ..., consumers: _Optional[int] = ..., chains: _Optional[int] = ...) -> None: ...

class ValidateRequest(_message.Message):
    __slots__ = ("json",)
    JSON_FIELD_NUMBER: _ClassVar[int]
    json: str
    def __init__(self, json: _Optional[str] = ...) -> None: ...

class ValidateResponse(_message.Message):
    __slots__ = ("problems", "changes", "warnings", "digest")
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    problems: _containers.RepeatedCompositeFieldContainer[Problem]
    changes: _containers.RepeatedCompositeFieldContainer[Change]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    digest: str
    def __init__(self, problems: _Optional[_Iterable[_Union[Problem, _Mapping]]] = ..., changes: _Optional[_Iterable[_Union[Change, _Mapping]]] = ..., warnings: _Optional[_Iterable[str]] = ..., digest: _Optional[str] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("entity", "field", "reason")
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    entity: str
    field: str
    reason: str
    def __init__(self, entity: _Optional[str] = ..., field: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ExplainRequest(_message.Message):
    __slots__ = ("method", "url", "fields")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    method: str
    url: str
    fields: _containers.RepeatedCompositeFieldContainer[Field]
    def __init__(self, method: _Optional[str] = ..., url: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[Field, _Mapping]]] = ...) -> None: ...

class Field(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class ExplainResponse(_message.Message):
    __slots__ = ("method", "host", "path", "candidates", "route", "params", "refused", "answer", "targets", "target", "host_sent", "filters", "timeouts", "steps")
    class ParamsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class TimeoutsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    METHOD_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    HOST_SENT_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUTS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    method: str
    host: str
    path: str
    candidates: _containers.RepeatedCompositeFieldContainer[Candidate]
    route: str
    params: _containers.ScalarMap[str, str]
    refused: bool
    answer: str
    targets: _containers.RepeatedScalarFieldContainer[str]
    target: str
    host_sent: str
    filters: _containers.RepeatedScalarFieldContainer[str]
    timeouts: _containers.ScalarMap[str, float]
    steps: _containers.RepeatedCompositeFieldContainer[Step]
    def __init__(self, method: _Optional[str] = ..., host: _Optional[str] = ..., path: _Optional[str] = ..., candidates: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ..., route: _Optional[str] = ..., params: _Optional[_Mapping[str, str]] = ..., refused: _Optional[bool] = ..., answer: _Optional[str] = ..., targets: _Optional[_Iterable[str]] = ..., target: _Optional[str] = ..., host_sent: _Optional[str] = ..., filters: _Optional[_Iterable[str]] = ..., timeouts: _Optional[_Mapping[str, float]] = ..., steps: _Optional[_Iterable[_Union[Step, _Mapping]]] = ...) -> None: ...

class Step(_message.Message):
    __slots__ = ("place", "does", "limits")
    PLACE_FIELD_NUMBER: _ClassVar[int]
    DOES_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    place: str
    does: str
    limits: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, place: _Optional[str] = ..., does: _Optional[str] = ..., limits: _Optional[_Iterable[str]] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("id", "matched", "chosen", "failed")
    ID_FIELD_NUMBER: _ClassVar[int]
    MATCHED_FIELD_NUMBER: _ClassVar[int]
    CHOSEN_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    id: str
    matched: bool
    chosen: bool
    failed: str
    def __init__(self, id: _Optional[str] = ..., matched: _Optional[bool] = ..., chosen: _Optional[bool] = ..., failed: _Optional[str] = ...) -> None: ...

class InvalidConfiguration(_message.Message):
    __slots__ = ("problems", "total")
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    problems: _containers.RepeatedCompositeFieldContainer[Problem]
    total: int
    def __init__(self, problems: _Optional[_Iterable[_Union[Problem, _Mapping]]] = ..., total: _Optional[int] = ...) -> None: ...

class StatusDetails(_message.Message):
    __slots__ = ("code", "message", "details")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    details: _containers.RepeatedCompositeFieldContainer[_any_pb2.Any]
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., details: _Optional[_Iterable[_Union[_any_pb2.Any, _Mapping]]] = ...) -> None: ...
