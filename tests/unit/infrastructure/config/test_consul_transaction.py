import base64
import json

import pytest

from app.domain.control_ports import StoreConflict, StoreError, StoreRejected, StoreUnavailable
from app.domain.entities.config import SECTIONS
from app.domain.entities.control import Edit
from app.infrastructure.config.consul_transaction import MOST_OPERATIONS, Operation, Transaction, outcome, transactions

DOCUMENT: dict[str, object] = {"respond": {}}
VALUE = base64.b64encode(b'{"respond":{}}').decode()
KEY = "gateway/routes/a"


def edit(document: object = DOCUMENT, expected: str | None = None, id_: str = "a", section: str = "routes") -> Edit:
    return Edit(section, id_, document, expected)


@pytest.mark.parametrize(
    ("made", "operations"),
    [
        (edit(), [Operation("set", KEY, VALUE)]),
        (edit(expected=""), [Operation("cas", KEY, VALUE, 0)]),
        (edit(expected="17"), [Operation("cas", KEY, VALUE, 17)]),
        (edit(None), [Operation("delete", KEY)]),
        (edit(None, ""), [Operation("check-not-exists", KEY)]),
        (edit(None, "17"), [Operation("check-index", KEY, index=17), Operation("delete", KEY)]),
    ],
)
def test_operations_of_an_edit(made: Edit, operations: list[Operation]) -> None:
    [transaction] = transactions("gateway", [made])
    assert list(transaction.operations) == operations
    assert transaction.edits == (made,) * len(operations)


def test_a_transaction_is_written_as_consul_takes_it() -> None:
    [transaction] = transactions("gateway", [edit(expected="")])
    assert json.loads(transaction.body()) == [{"KV": {"Verb": "cas", "Key": KEY, "Value": VALUE, "Index": 0}}]


def test_nothing_refers_to_what_is_not_there() -> None:
    made = [
        edit(None, section="services", id_="old"), edit(None, id_="old"), edit(id_="new"),
        edit({"targets": []}, section="services", id_="new"),
    ]  # fmt: skip
    [transaction] = transactions("gateway", made)
    assert [(one.section, one.id) for one in transaction.edits] == [
        ("services", "new"), ("routes", "new"), ("routes", "old"), ("services", "old"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "document", "expected", "sizes"),
    [(64, DOCUMENT, None, [64]), (65, DOCUMENT, None, [64, 1]), (33, None, "1", [64, 2]), (0, DOCUMENT, None, [])],
)
def test_transactions_hold_no_more_than_consul_takes(
    number: int, document: object, expected: str | None, sizes: list[int]
) -> None:
    made = transactions("gateway", [edit(document, expected, f"r{index}") for index in range(number)])
    assert [len(transaction.operations) for transaction in made] == sizes
    assert max(sizes, default=0) <= MOST_OPERATIONS


def test_transactions_are_no_larger_than_consul_takes() -> None:
    large = {"description": "x" * 150_000}
    made = transactions("gateway", [edit(large, id_=f"r{index}") for index in range(5)])
    assert [len(transaction.operations) for transaction in made] == [2, 2, 1]
    assert max(len(transaction.body()) for transaction in made) <= 512 * 1024
    with pytest.raises(StoreRejected, match="make it smaller"):
        transactions("gateway", [edit({"description": "x" * 400_000})])


@pytest.mark.parametrize("version", ["x", "-1", "1.5", "9" * 20, "²"])
@pytest.mark.parametrize("document", [DOCUMENT, None])
def test_a_version_that_no_key_has_is_a_conflict(version: str, document: object) -> None:
    with pytest.raises(StoreConflict):
        transactions("gateway", [edit(document, version)])


def refusal(*errors: tuple[int, str]) -> bytes:
    return json.dumps(
        {"Results": None, "Errors": [{"OpIndex": index, "What": what} for index, what in errors]}
    ).encode()


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (409, refusal((1, "index is stale")), StoreConflict, "routes.b was changed"),
        (409, refusal((0, "whatever")), StoreRejected, "routes.a: whatever"),
        (409, refusal((0, "Permission denied: token")), StoreUnavailable, "GATEWAY_CONSUL_TOKEN"),
        (409, refusal((7, "index is stale")), StoreRejected, "409"),
        (409, b'{"Errors": null}', StoreRejected, "409"),
        (409, b"<html>", StoreRejected, "409"),
        (500, b"rpc error", StoreUnavailable, "rpc error"),
    ],
)
def test_what_became_of_a_transaction(status: int, body: bytes, kind: type[StoreError], said: str) -> None:
    [transaction] = transactions("gateway", [edit(), edit(expected="4", id_="b")])
    error = outcome("consul://c", transaction, status, body)
    assert type(error) is kind
    assert said in str(error)


def test_a_transaction_that_was_made_is_no_error() -> None:
    assert outcome("consul://c", Transaction((), ()), 200, b"{}") is None


def test_every_section_in_an_order_in_which_nothing_lacks_what_it_names() -> None:
    documents: tuple[dict[str, str] | None, ...] = (None, {})
    edits = [edit(document, section=section, id_="x") for section in SECTIONS for document in documents]
    [made] = transactions("gateway", edits)
    order = [(one.section, one.document is None) for one in made.edits]
    assert order == [(section, False) for section in SECTIONS] + [(section, True) for section in reversed(SECTIONS)]
