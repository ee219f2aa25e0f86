"""The ConfigStore over Consul's keys, for those who edit. Not for following changes: `consul_repository`."""

from collections.abc import Sequence
from contextlib import aclosing
from http import HTTPStatus

import msgspec

from app.domain.control_ports import StoreConflict, StoreError, StoreUnavailable
from app.domain.entities.control import Edit, Stored, StoredEntity
from app.infrastructure.config.consul_connection import ConsulConnection
from app.infrastructure.config.consul_errors import refused
from app.infrastructure.config.consul_keys import Entry, Tree, read_tree
from app.infrastructure.config.consul_options import ConsulOptions
from app.infrastructure.config.consul_transaction import Transaction, outcome, transactions
from app.infrastructure.config.consul_watch import NOTHING


class ConsulStore:
    """Connects for each call: edits are rare, and a connection that waits may be broken when it is needed."""

    def __init__(self, options: ConsulOptions) -> None:
        self._options = options

    @property
    def name(self) -> str:
        """See the port."""
        return self._options.name

    async def read(self) -> Stored:
        """See the port. A version is the ModifyIndex; a value that is no JSON is given as text."""
        async with aclosing(ConsulConnection(self._options)) as connection:
            tree = await self._tree(connection)
        return {
            section: {id_: _stored(entry) for id_, entry in found.items()} for section, found in tree.entries.items()
        }

    async def write(self, edits: Sequence[Edit]) -> None:
        """See the port. Up to 64 edits, and 32 removals with an expected version, are one transaction.

        More are several: all versions are compared first, then services are written, routes after them, and removed
        the other way round. When one of the later transactions fails, StoreUnavailable says how far it came.
        """
        planned = transactions(self._options.prefix, edits)
        async with aclosing(ConsulConnection(self._options)) as connection:
            if len(planned) > 1:
                _compare(await self._tree(connection), edits)
            for number, transaction in enumerate(planned):
                error = await self._commit(connection, transaction)
                if error is None:
                    continue
                if number == 0:
                    raise error
                text = f"{number} of {len(planned)} parts of the change are stored, the rest is not: {error}"
                raise StoreUnavailable(f"{text}; apply the change again")

    async def _commit(self, connection: ConsulConnection, transaction: Transaction) -> StoreError | None:
        try:
            answer = await connection.ask("PUT", "/v1/txn", {}, transaction.body())
        except StoreUnavailable as error:
            return StoreUnavailable(f"{error} (the change may be stored all the same: read it again)")
        return outcome(self._options.url, transaction, answer.status, answer.body)

    async def _tree(self, connection: ConsulConnection) -> Tree:
        options = self._options
        answer = await connection.ask("GET", f"/v1/kv/{options.prefix}/", {"recurse": "true"})
        missing = answer.status == HTTPStatus.NOT_FOUND and answer.index >= 0
        if answer.status != HTTPStatus.OK and not missing:
            raise refused(options.url, answer.status, answer.body)
        return read_tree(NOTHING if missing else answer.body, options.prefix, options.name)


def _compare(tree: Tree, edits: Sequence[Edit]) -> None:
    """Raises StoreConflict when an expected version is not there."""
    for edit in edits:
        entry = tree.entries[edit.section].get(edit.id)
        version = "" if entry is None else str(entry.modify_index)
        if edit.expected is not None and edit.expected != version:
            raise StoreConflict(edit.section, edit.id)


def _stored(entry: Entry) -> StoredEntity:
    content = entry.content()
    try:
        document = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = content.decode("utf-8", "replace")
    return StoredEntity(document, str(entry.modify_index))
