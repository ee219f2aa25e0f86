"""Makes Consul transactions of edits, and reads what became of them. Not for sending them.

Rules: Consul's page "Transactions HTTP API" and `agent/txn_endpoint.go`, whose limit is 64 operations; later versions
take 128.
"""

import base64
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final, Literal

import msgspec

from app.domain.control_ports import StoreConflict, StoreError, StoreRejected
from app.domain.entities.config import SECTIONS
from app.domain.entities.control import Edit
from app.infrastructure.config.consul_errors import denied, refused
from app.infrastructure.config.consul_keys import key_of

MOST_OPERATIONS: Final = 64
MOST_BYTES: Final = 500_000
"""Of one transaction; Consul takes 524288 (`txn_max_req_len`)."""

_ORDER: Final = {
    **{(section, True): place for place, section in enumerate(SECTIONS)},
    **{(section, False): -place for place, section in enumerate(SECTIONS, 1 - 2 * len(SECTIONS))},
}
"""Nothing refers to an entity that is not there yet, or not there any more."""


class Operation(msgspec.Struct, frozen=True, rename="pascal", omit_defaults=True):
    """One operation on one key."""

    verb: Literal["set", "cas", "delete", "check-index", "check-not-exists"]
    key: str
    value: str | None = None
    index: int | None = None


class Transaction(msgspec.Struct, frozen=True):
    """Edits that Consul makes together."""

    edits: tuple[Edit, ...]
    """For each operation, the edit that it belongs to."""
    operations: tuple[Operation, ...]

    def body(self) -> bytes:
        """As `PUT /v1/txn` takes it."""
        return msgspec.json.encode([{"KV": operation} for operation in self.operations])


class _Error(msgspec.Struct, rename="pascal"):
    op_index: int = 0
    what: str = ""


class _Result(msgspec.Struct, rename="pascal"):
    errors: list[_Error] | None = None


def transactions(prefix: str, edits: Sequence[Edit]) -> list[Transaction]:
    """As few as Consul's limits let; what is new comes before what refers to it, and goes after it.

    Raises StoreConflict for a version that no key ever has, StoreRejected for an entity that fits in no transaction.
    """
    made: list[Transaction] = []
    size = 0
    for edit in sorted(edits, key=lambda edit: _ORDER[edit.section, edit.document is not None]):
        operations = _operations(prefix, edit)
        length = len(Transaction((edit,), operations).body())
        if length > MOST_BYTES:
            raise StoreRejected(
                f"{edit.section}.{edit.id} is larger than Consul takes in a transaction: make it smaller than 350 KiB"
            )
        last = made[-1] if made else None
        owners = (edit,) * len(operations)
        if last and len(last.operations) + len(operations) <= MOST_OPERATIONS and size + length <= MOST_BYTES:
            made[-1] = Transaction(last.edits + owners, last.operations + operations)
            size += length
        else:
            made.append(Transaction(owners, operations))
            size = length
    return made


def outcome(where: str, transaction: Transaction, status: int, body: bytes) -> StoreError | None:
    """The error that Consul's answer stands for, None when all edits are made."""
    if status == HTTPStatus.OK:
        return None
    if status != HTTPStatus.CONFLICT:
        return refused(where, status, body)
    try:
        errors = msgspec.json.decode(body, type=_Result).errors
    except (msgspec.DecodeError, UnicodeDecodeError):
        errors = None
    for error in errors or ():
        if "ermission denied" in error.what:
            return denied(where, error.what)
        if error.op_index in range(len(transaction.edits)):
            edit = transaction.edits[error.op_index]
            if edit.expected is not None:
                return StoreConflict(edit.section, edit.id)
            return StoreRejected(f"{where} does not take {edit.section}.{edit.id}: {error.what}")
    return refused(where, status, body)


def _operations(prefix: str, edit: Edit) -> tuple[Operation, ...]:
    key = key_of(prefix, edit.section, edit.id)
    if edit.document is None:
        return _removal(key, edit)
    value = base64.b64encode(msgspec.json.encode(edit.document)).decode()
    if edit.expected is None:
        return (Operation("set", key, value),)
    return (Operation("cas", key, value, _index(edit)),)


def _removal(key: str, edit: Edit) -> tuple[Operation, ...]:
    """`delete-cas` succeeds for a key that is gone, so the index is checked by an operation of its own."""
    if edit.expected is None:
        return (Operation("delete", key),)
    if not edit.expected:
        return (Operation("check-not-exists", key),)
    return (Operation("check-index", key, index=_index(edit)), Operation("delete", key))


def _index(edit: Edit) -> int:
    """0 stands for a key that must not exist."""
    expected: Any = edit.expected or "0"
    if not (expected.isascii() and expected.isdigit() and len(expected) <= 19):
        raise StoreConflict(edit.section, edit.id)
    return int(expected)
