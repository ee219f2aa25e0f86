"""A small Consul on loopback for tests: the HTTP API for keys, transactions and health, blocking queries and all.

Not a Consul: no Raft, no agents, no gossip. What it answers is what `consul_state` holds.
"""

import asyncio
import contextlib
import json
import random
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.consul_state import MOST_OPERATIONS, MOST_TRANSACTION, MOST_VALUE, ConsulState
from tests.consul_wire import Answer, Question, read, render, seconds


class ConsulServer:
    """`state` may be changed at any time through `change`."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.state = ConsulState()
        self.port = 0
        self.failure: Answer | None = None
        """What everything is answered with, when there is something."""
        self.token = ""
        """The only token that is known; empty when ACLs are off."""
        self.hidden = ""
        """Keys and services that begin so are hidden from everybody by ACLs."""
        self.leader = True
        self.silent = False
        """Whether no question is answered."""
        self.zero_index = False
        """Whether indexes are said to be 0, as some old versions did."""
        self.before_transaction: dict[int, Callable[[ConsulState], None]] = {}
        """What somebody else does just before the transaction of this number, from 1."""
        self.questions: list[Question] = []
        self.waiting = 0
        """Blocking queries under way."""
        self._context = context
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; on the port of before when there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection, as a Consul that dies. What it holds stays."""
        assert self._server is not None
        self._server.close()
        await self.cut()
        await self._server.wait_closed()

    async def cut(self) -> None:
        """End every connection."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def change(self, action: Callable[[ConsulState], None]) -> None:
        """Change what it holds, and let blocking queries see it."""
        action(self.state)
        await self.state.wake()

    async def put(self, name: str, value: object) -> None:
        """Set a key to JSON, or to bytes."""
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        await self.change(lambda state: state.put(name, content))

    async def waits(self, number: int = 1) -> None:
        """Until so many blocking queries are under way."""
        async with asyncio.timeout(20), self.state.changed:
            await self.state.changed.wait_for(lambda: self.waiting >= number)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while True:
                question = await read(reader)
                self.questions.append(question)
                if self.silent:
                    await asyncio.Event().wait()
                answer = self.failure or await self._answer(question)
                writer.write(render(answer, self.leader, self.zero_index))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _answer(self, question: Question) -> Answer:
        if self.token and question.token not in ("", self.token):
            return Answer(403, b"ACL not found")
        if {"stale", "consistent"} <= question.parameters.keys():
            return Answer(400, b"Cannot specify ?stale with ?consistent, conflicting semantics.")
        if question.path.startswith("/kv/"):
            return await self._keys(question, question.path.removeprefix("/kv/"))
        match question.method, question.path:
            case "PUT", "/txn":
                return await self._transaction(question)
            case "GET", "/status/leader":
                return Answer(200, b'"127.0.0.1:8300"')
        found = re.fullmatch(r"/(health|catalog)/service/([^/]+)", question.path)
        if found and question.method == "GET":
            return await self._block(
                question,
                lambda: self.state.service_index(found[2]),
                lambda index: self._instances(question, found[1], found[2], index),
            )
        return Answer(404, b"404 page not found")

    async def _block(self, question: Question, index: Callable[[], int], answer: Callable[[int], Answer]) -> Answer:
        """Wait while the index is not beyond the one that is known, for `wait` and up to a sixteenth more."""
        known = int(question.parameters.get("index") or 0)
        if known:
            wait = seconds(question.parameters.get("wait", ""))
            self.waiting += 1
            await self.state.wake()
            try:
                async with asyncio.timeout(wait + random.uniform(0, wait / 16)), self.state.changed:
                    await self.state.changed.wait_for(lambda: index() > known or self.failure is not None)
            except TimeoutError:
                pass
            finally:
                self.waiting -= 1
        return self.failure or answer(max(index(), 1))

    async def _keys(self, question: Question, name: str) -> Answer:
        if question.method == "GET":
            return await self._block(
                question, lambda: self._key_index(question, name), lambda index: self._read_keys(question, name, index)
            )
        if not self._may_write(question):
            return Answer(403, b"Permission denied: token lacks permission 'key:write'")
        if len(question.body) > MOST_VALUE:
            return Answer(413, f"Request body({len(question.body)} bytes) too large, max size: {MOST_VALUE}".encode())
        current = self.state.keys.get(name)
        if "cas" in question.parameters and int(question.parameters["cas"]) != (current.modified if current else 0):
            return Answer(200, b"false")
        if question.method == "PUT":
            await self.change(lambda state: state.put(name, question.body, int(question.parameters.get("flags", 0))))
        elif "recurse" in question.parameters:
            await self.change(lambda state: state.delete_tree(name))
        else:
            await self.change(lambda state: state.delete(name))
        return Answer(200, b"true")

    def _key_index(self, question: Question, name: str) -> int:
        if {"recurse", "keys"} & question.parameters.keys():
            return self.state.list_index(name)
        return self.state.keys[name].modified if name in self.state.keys else self.state.keys_index

    def _read_keys(self, question: Question, name: str, index: int) -> Answer:
        state = self.state
        many = {"recurse", "keys"} & question.parameters.keys()
        found = [key for key in sorted(state.keys) if (key.startswith(name) if many else key == name)]
        seen = [key for key in found if self._sees(question, key)]
        filtered = seen != found and bool(question.token)
        if not seen:
            return Answer(404, b"", index, filtered)
        if "raw" in question.parameters:
            return Answer(200, state.keys[seen[0]].value, index)
        listed: list[Any] = seen if "keys" in question.parameters else [state.keys[key].document(key) for key in seen]
        return Answer(200, json.dumps(listed).encode(), index, filtered)

    def _instances(self, question: Question, kind: str, service: str, index: int) -> Answer:
        found = self.state.of_service(service)
        seen = [instance for instance in found if self._sees(question, service)]
        filtered = seen != found and bool(question.token)
        if "passing" in question.parameters:
            seen = [instance for instance in seen if instance.status == "passing"]
        if "tag" in question.parameters:
            seen = [instance for instance in seen if question.parameters["tag"] in instance.tags]
        documents = [instance.document() for instance in seen]
        if kind == "catalog":
            documents = [_catalogued(document) for document in documents]
        return Answer(200, json.dumps(documents).encode(), index, filtered)

    async def _transaction(self, question: Question) -> Answer:
        operations = json.loads(question.body)
        if len(question.body) > MOST_TRANSACTION:
            return Answer(413, f"Request body too large, max size: {MOST_TRANSACTION} bytes".encode())
        if len(operations) > MOST_OPERATIONS:
            text = f"Transaction contains too many operations ({len(operations)} > {MOST_OPERATIONS})"
            return Answer(413, text.encode())
        number = sum(asked.path == question.path for asked in self.questions)
        meanwhile = self.before_transaction.pop(number, None)
        if meanwhile is not None:
            meanwhile(self.state)
        if self._may_write(question):
            results, errors = self.state.transact(operations)
        else:
            denied = "Permission denied: token lacks permission 'key:write'"
            results, errors = [], [{"OpIndex": number, "What": denied} for number in range(len(operations))]
        await self.state.wake()
        body = json.dumps({"Results": results or None, "Errors": errors or None}).encode()
        return Answer(409 if errors else 200, body)

    def _may_write(self, question: Question) -> bool:
        return not self.token or question.token == self.token

    def _sees(self, question: Question, name: str) -> bool:
        return self._may_write(question) and not (self.hidden and name.startswith(self.hidden))


def _catalogued(document: dict[str, Any]) -> dict[str, Any]:
    """As `GET /v1/catalog/service/` has an instance: flat."""
    node, service = document["Node"], document["Service"]
    named = {"ID": "ServiceID", "Service": "ServiceName"}
    return {**node, **{named.get(name, f"Service{name}"): value for name, value in service.items()}}


@asynccontextmanager
async def consul_server(context: ssl.SSLContext | None = None) -> AsyncIterator[ConsulServer]:
    """A server on 127.0.0.1 at a free port, in the running loop."""
    server = ConsulServer(context)
    await server.start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            await server.stop()
