"""gateway.v1.ConfigService by a real server and real clients: calls, errors, tokens, TLS, limits, the stop."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import msgspec
import pytest

from app.application.services.admin_errors import ConfigChanged
from app.domain.control_ports import StoreRejected, StoreUnavailable
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb
from app.interfaces.grpc.options import MOST_BYTES, GrpcOptions
from app.interfaces.grpc.server import SERVICE, GrpcStartError
from app.interfaces.grpc.statuses import DETAILS_KEY
from tests.certificates import Pair, make_ca, make_cert
from tests.fakes_control import CONSUMER, ISSUER, SECRETS
from tests.grpc_harness import HELLO, READ, WRITE, Caller, calling, edits, make_plane, revision, route, serving, whole

pytestmark = pytest.mark.filterwarnings("error")

ROUTE_TO_NOWHERE = {"match": {"paths": ["/x"]}, "service": "nowhere"}
USERS = {"targets": [{"url": "http://127.0.0.1:9001"}]}
TO_USERS = {"match": {"paths": ["/users/*"]}, "service": "users"}


async def refused(call: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    return error.value


def problems_of(error: grpc.aio.AioRpcError) -> pb.InvalidConfiguration:
    """What a client finds in the details of a status."""
    [value] = [value for key, value in error.trailing_metadata() or () if key == DETAILS_KEY]
    assert isinstance(value, bytes)
    details = pb.StatusDetails.FromString(value)
    assert (details.code, details.message) == (error.code().value[0], error.details())
    found = pb.InvalidConfiguration()
    assert details.details[0].Unpack(found)
    return found


async def test_a_whole_configuration_goes_in_and_comes_out() -> None:
    async with serving() as plane, calling(plane) as caller:
        answer = await caller.apply(whole({"services": {"users": USERS}, "routes": {"a": TO_USERS, "b": HELLO}}))
        assert [(one.section, one.id, one.difference) for one in answer.changes] == [
            ("services", "users", pb.Change.DIFFERENCE_ADDED),
            ("routes", "a", pb.Change.DIFFERENCE_ADDED),
            ("routes", "b", pb.Change.DIFFERENCE_ADDED),
        ]
        assert msgspec.json.decode(answer.changes[2].after_json) == HELLO
        assert not answer.changes[2].HasField("before_json")
        assert answer.revision == 1

        found = await caller.get()
        assert [(one.section, one.id) for one in found.entities] == [
            ("services", "users"),
            ("routes", "a"),
            ("routes", "b"),
        ]
        assert [msgspec.json.decode(one.json) for one in found.entities] == [USERS, TO_USERS, HELLO]
        assert all(one.version for one in found.entities)
        assert (found.revision, found.digest) == (1, answer.digest)

        answer = await caller.apply(whole({"routes": {"b": HELLO}}, expected_version=found.version))
        assert [(one.id, one.difference) for one in answer.changes] == [
            ("users", pb.Change.DIFFERENCE_REMOVED),
            ("a", pb.Change.DIFFERENCE_REMOVED),
        ]
        assert (await refused(caller.apply(whole({}, expected_version=found.version)))).code() is (
            grpc.StatusCode.ABORTED
        )
        assert (await refused(caller.apply(whole({}, expected_digest=found.digest)))).code() is grpc.StatusCode.ABORTED
        await caller.apply(whole({}, expected_digest=answer.digest))
        assert list((await caller.get()).entities) == []


async def test_edits_change_single_entities() -> None:
    async with serving() as plane, calling(plane) as caller:
        await caller.apply(edits(route("a", expected=""), route("b", expected="")))
        [one] = (await caller.get("routes", "a")).entities
        version = one.version
        assert (await caller.get("routes", "a")).version == ""
        assert [one.id for one in (await caller.get("routes")).entities] == ["a", "b"]

        answer = await caller.apply(edits(route("a", {**HELLO, "priority": 9_007_199_254_740_993}, version)))
        assert msgspec.json.decode(answer.changes[0].after_json)["priority"] == 9_007_199_254_740_993
        assert (await refused(caller.apply(edits(route("a", expected=version))))).code() is grpc.StatusCode.ABORTED
        assert (await refused(caller.apply(edits(route("b", expected=""))))).code() is grpc.StatusCode.ABORTED

        await caller.apply(edits(pb.Edit(section="routes", id="a", remove=True)))
        gone = await refused(caller.get("routes", "a"))
        assert gone.code() is grpc.StatusCode.NOT_FOUND
        assert "routes.a" in (gone.details() or "")


async def test_edits_are_all_made_or_none() -> None:
    async with serving() as plane, calling(plane) as caller:
        service = pb.Edit(section="services", id="users", json=msgspec.json.encode(USERS).decode())
        error = await refused(caller.apply(edits(route("a"), service, route("b", ROUTE_TO_NOWHERE))))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert list((await caller.get()).entities) == []
        # A route and its service come together, in any order.
        await caller.apply(edits(route("c", TO_USERS), service))
        assert [one.id for one in (await caller.get()).entities] == ["users", "c"]
        assert len(plane.store.writes) == 1


async def test_mistakes_are_told_one_by_one() -> None:
    async with serving() as plane, calling(plane) as caller:
        broken = {"routes": {"a": ROUTE_TO_NOWHERE, "b": {**HELLO, "priority": "high"}}}
        error = await refused(caller.apply(whole(broken)))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "2 problems" in (error.details() or "")
        found = problems_of(error)
        assert found.total == 2
        assert {(one.entity, one.field) for one in found.problems} == {
            ("routes.a", "service"),
            ("routes.b", "priority"),
        }
        answer = await caller.validate(msgspec.json.encode(broken).decode())
        assert list(answer.problems) == list(found.problems)
        assert answer.digest == ""
        assert plane.store.writes == []


async def test_a_thousand_mistakes_fit_into_the_metadata() -> None:
    async with serving() as plane, calling(plane) as caller:
        broken = {"routes": {f"route-{number}": ROUTE_TO_NOWHERE for number in range(1000)}}
        found = problems_of(await refused(caller.apply(whole(broken))))
        assert found.total == 1000
        assert 10 < len(found.problems) < 1000
        assert len((await caller.validate(msgspec.json.encode(broken).decode())).problems) == 1000


async def test_validate_tells_what_apply_would_do() -> None:
    async with serving() as plane, calling(plane, READ) as caller:
        plane.store.set("routes", "old", HELLO)
        answer = await caller.validate(msgspec.json.encode({"routes": {"old": {**HELLO, "priority": 1}}}).decode())
        [change] = answer.changes
        assert (change.id, change.difference) == ("old", pb.Change.DIFFERENCE_CHANGED)
        assert msgspec.json.decode(change.before_json) == HELLO
        assert list(answer.problems) == []
        assert answer.digest
        assert plane.store.writes == []


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (pb.ApplyRequest(), "give a configuration, or edits"),
        (pb.ApplyRequest(configuration=pb.Configuration(json="{")), "configuration.json"),
        (edits(), "edits"),
        (edits(pb.Edit(section="routes", id="a")), "remove: true"),
    ],
)
async def test_requests_that_cannot_be_understood(request_: pb.ApplyRequest, words: str) -> None:
    async with serving() as plane, calling(plane) as caller:
        error = await refused(caller.apply(request_))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert words in (error.details() or "")


async def test_explain_tells_the_route_of_a_request() -> None:
    async with serving() as plane, calling(plane, READ) as caller:
        plane.store.set("routes", "greeting", HELLO)
        story = await caller.explain(pb.ExplainRequest(method="GET", url="/hello/you"))
        assert (story.route, story.answer, story.target) == ("greeting", "url http://127.0.0.1:9000", "/hello/you")
        assert [(one.id, one.chosen, one.failed) for one in story.candidates] == [("greeting", True, "")]
        assert story.timeouts["connect"] > 0
        story = await caller.explain(pb.ExplainRequest(method="CONNECT", url="/"))
        assert (story.refused, story.route, story.answer) == (True, "", "501: CONNECT is not served")
        error = await refused(caller.explain(pb.ExplainRequest(method="GET", url="gopher://x")))
        assert (error.code(), error.details()) == (grpc.StatusCode.INVALID_ARGUMENT, "url is a path")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (StoreUnavailable("redis does not answer"), grpc.StatusCode.UNAVAILABLE),
        (StoreRejected("the file is no valid YAML"), grpc.StatusCode.FAILED_PRECONDITION),
        (ConfigChanged(), grpc.StatusCode.ABORTED),
    ],
)
async def test_faults_of_the_store(fault: Exception, code: grpc.StatusCode) -> None:
    async with serving() as plane, calling(plane) as caller:
        plane.store.fails = fault
        error = await refused(caller.get())
        assert (error.code(), error.details()) == (code, str(fault))


async def test_a_mistake_of_ours_tells_nothing() -> None:
    async with serving() as plane, calling(plane) as caller:
        plane.store.fails = RuntimeError("password=hunter2")
        error = await refused(caller.get())
        assert error.code() is grpc.StatusCode.INTERNAL
        assert "hunter2" not in str(error)
        [(level, message, fields)] = plane.events.seen
        assert (level, message) == ("error", "a gRPC call failed by a mistake in the gateway")
        assert fields["method"] == "gateway.v1.ConfigService.Get"


# Watch


async def next_of(call: "grpc.aio.UnaryStreamCall[Any, pb.Revision]") -> pb.Revision:
    message = await asyncio.wait_for(call.read(), 10)
    assert isinstance(message, pb.Revision)
    return message


async def test_watchers_get_the_live_revision_and_each_new_one() -> None:
    async with serving() as plane, calling(plane, READ) as caller, calling(plane) as writer:
        plane.history.add(revision(7, "first", changes={"routes": {"a": "removed"}}, changed=1, services=2, routes=3))
        one, other = caller.watch(), caller.watch()
        for call in (one, other):
            first = await next_of(call)
            assert (first.number, first.digest, first.time, first.source) == (7, "first", 1_700_000_000.5, "memory")
            assert (first.changed, first.services, first.routes) == (1, 2, 3)
            [change] = first.changes
            assert (change.section, change.id, change.difference) == ("routes", "a", pb.Change.DIFFERENCE_REMOVED)
        answer = await writer.apply(edits(route("a")))
        plane.history.add(revision(9), revision(10))
        for call in (one, other):
            assert [(await next_of(call)).digest for _ in range(3)] == [answer.digest, "d", "d"]
        one.cancel()
        late = caller.watch()
        assert (await next_of(late)).number == 10
        assert plane.history.opened == 1


async def test_watches_end_with_ok_when_the_server_stops() -> None:
    async with serving() as plane, calling(plane) as caller:
        plane.history.add(revision(1))
        calls = [caller.watch() for _ in range(20)]
        for call in calls:
            await next_of(call)
        assert plane.server is not None
        async with asyncio.timeout(10):
            await plane.server.stop(30)
        for call in calls:
            assert await call.read() is grpc.aio.EOF
            assert await call.code() is grpc.StatusCode.OK


async def test_there_is_a_most_of_watchers() -> None:
    async with serving(options=GrpcOptions("127.0.0.1:0", max_watchers=1)) as plane, calling(plane) as caller:
        plane.history.add(revision(1))
        first = caller.watch()
        await next_of(first)
        error = await refused(caller.watch().read())
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        first.cancel()
        async with asyncio.timeout(10):
            while (await status_of_a_watch(caller)) is grpc.StatusCode.RESOURCE_EXHAUSTED:
                await plane.service.status()


async def status_of_a_watch(caller: Caller) -> grpc.StatusCode | None:
    """How a watch is refused; None when it is not."""
    try:
        await next_of(caller.watch())
    except grpc.aio.AioRpcError as error:
        return error.code()
    return None


# Tokens, limits, the listener


@pytest.mark.parametrize("token", [None, "", "wrong", f"{WRITE}x"])
async def test_calls_need_a_token(token: str | None) -> None:
    async with serving() as plane, calling(plane, token) as caller:
        for call in (caller.get(), caller.apply(edits(route("a"))), caller.watch().read()):
            assert (await refused(call)).code() is grpc.StatusCode.UNAUTHENTICATED
        assert plane.store.writes == []


async def test_the_read_token_changes_nothing() -> None:
    async with serving() as plane, calling(plane, READ) as caller:
        await caller.get()
        assert (await refused(caller.apply(edits(route("a"))))).code() is grpc.StatusCode.PERMISSION_DENIED
        assert plane.store.writes == []


async def test_a_method_that_does_not_exist() -> None:
    async with serving() as plane, calling(plane) as caller:
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{plane.port}")
        async with channel:
            nothing: Any = channel.unary_unary("/gateway.v1.ConfigService/Drop")
            error = await refused(nothing(b"", timeout=10, metadata=caller.metadata))
        assert error.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_messages_have_a_largest_size() -> None:
    async with serving() as plane, calling(plane) as caller:
        error = await refused(caller.validate(" " * (MOST_BYTES + 1)))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        plane.store.set("routes", "large", {"description": "x" * MOST_BYTES})
        assert (await refused(caller.get())).code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_flood_of_pings_ends_the_connection() -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
    ping = b"\x00\x00\x08\x06\x00\x00\x00\x00\x00" + b"whoareyu"
    async with serving() as plane, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", plane.port)
        writer.write(preface + ping * 10)
        answer = await reader.read()
        writer.close()
    # A GOAWAY frame with ENHANCE_YOUR_CALM (RFC 9113 sections 6.8 and 7).
    assert b"\x00\x00\x00\x0btoo_many_pings" in answer


async def test_calls_at_a_time_are_bounded_and_deadlines_end_them() -> None:
    plane = make_plane()
    started, left = asyncio.Event(), asyncio.Event()

    async def hang() -> Any:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    plane.store.read = hang  # type: ignore[method-assign]
    async with serving(plane, GrpcOptions("127.0.0.1:0", max_calls=1)), calling(plane) as caller:
        waiting = asyncio.ensure_future(refused(caller.call("Get", pb.GetRequest(), timeout=2)))
        async with asyncio.timeout(10):
            await started.wait()
        assert (await refused(caller.get())).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert (await waiting).code() is grpc.StatusCode.DEADLINE_EXCEEDED
        async with asyncio.timeout(10):
            await left.wait()


async def test_a_change_goes_on_when_its_caller_leaves() -> None:
    plane = make_plane()
    started, go_on = asyncio.Event(), asyncio.Event()
    write = plane.store.write

    async def slow(edits_: Any) -> None:
        started.set()
        await go_on.wait()
        await write(edits_)

    plane.store.write = slow  # type: ignore[method-assign,assignment]
    async with serving(plane), calling(plane) as caller:
        assert plane.server is not None
        waiting = asyncio.ensure_future(refused(caller.call("Apply", edits(route("a")), timeout=1)))
        async with asyncio.timeout(10):
            await started.wait()
            assert (await waiting).code() is grpc.StatusCode.DEADLINE_EXCEEDED
            stopping = asyncio.ensure_future(plane.server.stop(0))
            await asyncio.sleep(0.05)
            assert not stopping.done()
            go_on.set()
            await stopping
        assert list(plane.store.stored["routes"]) == ["a"]


async def test_a_stop_lets_calls_finish() -> None:
    plane = make_plane()
    started, go_on = asyncio.Event(), asyncio.Event()
    read = plane.store.read

    async def slow() -> Any:
        started.set()
        await go_on.wait()
        return await read()

    plane.store.read = slow  # type: ignore[method-assign]
    async with serving(plane), calling(plane) as caller:
        assert plane.server is not None
        waiting = asyncio.ensure_future(caller.get())
        async with asyncio.timeout(10):
            await started.wait()
            stopping = asyncio.ensure_future(plane.server.stop(30))
            await asyncio.sleep(0.05)
            go_on.set()
            assert list((await waiting).entities) == []
            await stopping


async def test_tls(tmp_path: Path) -> None:
    ca = make_ca()
    files = make_cert(ca).write(tmp_path, "server")
    options = GrpcOptions("127.0.0.1:0", cert=files.cert, key=files.key)
    async with serving(options=options) as plane:
        async with secured(plane.port, ca) as caller:
            assert list((await caller.get()).entities) == []
        async with calling(plane) as caller:
            assert (await refused(caller.get())).code() is grpc.StatusCode.UNAVAILABLE


async def test_a_new_certificate_is_used_from_the_next_connection_on(tmp_path: Path) -> None:
    first, second = make_ca("First"), make_ca("Second")
    files = make_cert(first).write(tmp_path, "server")
    async with serving(options=GrpcOptions("127.0.0.1:0", cert=files.cert, key=files.key)) as plane:
        for ca, stranger in ((first, second), (second, first)):
            make_cert(ca).write(tmp_path, "server")
            async with secured(plane.port, ca) as caller:
                await caller.get()
            async with secured(plane.port, stranger) as caller:
                assert (await refused(caller.get())).code() is grpc.StatusCode.UNAVAILABLE


@asynccontextmanager
async def secured(port: int, ca: Pair) -> AsyncIterator[Caller]:
    """A client that trusts `ca`, on a connection of its own."""
    alone = [("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.secure_channel(
        f"localhost:{port}", grpc.ssl_channel_credentials(ca.cert_pem), alone
    ) as channel:
        yield Caller(channel)


NOISE = """
import asyncio, sys
import app.interfaces.grpc
from app.interfaces.grpc.options import GrpcOptions
from tests.grpc_harness import serving

async def main():
    async with serving(options=GrpcOptions("127.0.0.1:0", cert=sys.argv[1], key=sys.argv[2])) as plane:
        for data in (b"GET / HTTP/1.1\\r\\n\\r\\n", b"\\x16\\x03\\x01\\x02\\x00"):
            reader, writer = await asyncio.open_connection("127.0.0.1", plane.port)
            writer.write(data)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 20)
            writer.close()

asyncio.run(main())
"""


def test_strangers_write_nothing_to_the_log(tmp_path: Path) -> None:
    files = make_cert(make_ca()).write(tmp_path, "server")
    environment = {name: value for name, value in os.environ.items() if name != "GRPC_VERBOSITY"}
    done = subprocess.run(
        [sys.executable, "-c", NOISE, *files],
        cwd=Path(__file__).resolve().parents[2],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


async def test_a_certificate_that_cannot_be_used(tmp_path: Path) -> None:
    ca = make_ca()
    files, other = make_cert(ca).write(tmp_path, "server"), make_cert(ca).write(tmp_path, "other")
    with pytest.raises(GrpcStartError, match=r"server\.pem and key .*other\.key cannot be used"):
        async with serving(options=GrpcOptions("127.0.0.1:0", cert=files.cert, key=other.key)):
            raise AssertionError


async def test_a_port_in_use() -> None:
    async with serving() as plane:
        with pytest.raises(GrpcStartError, match="the port is in use"):
            async with serving(options=GrpcOptions(f"127.0.0.1:{plane.port}")):
                raise AssertionError


def test_every_method_is_in_the_tests() -> None:
    assert {method.name for method in SERVICE.methods} == {"Apply", "Get", "Watch", "Validate", "Explain"}


async def test_the_token_that_only_reads_sees_no_secret() -> None:
    stored = {"issuers": {"main": ISSUER}, "consumers": {"c": CONSUMER}}
    async with serving() as plane, calling(plane) as writer, calling(plane, READ) as reader:
        await writer.apply(whole(stored))
        for asked in (("", ""), ("issuers", ""), ("consumers", "c")):
            seen, shown = str(await reader.get(*asked)), str(await writer.get(*asked))
            assert not any(secret in seen for secret in SECRETS)
            assert any(secret in shown for secret in SECRETS)
        documents: dict[str, dict[str, object]] = {}
        for entity in (await reader.get()).entities:
            documents.setdefault(entity.section, {})[entity.id] = msgspec.json.decode(entity.json)
        same = await reader.validate(msgspec.json.encode(documents).decode())
        assert (list(same.changes), list(same.problems)) == ([], [])
        gone = await reader.validate('{"routes": {}}')
        assert len(gone.changes) == 2
        assert not any(secret in str(gone) for secret in SECRETS)
        await writer.apply(whole({**documents, "routes": {"hello": HELLO}}))
        assert plane.store.documents["issuers"] == stored["issuers"]
        assert plane.store.documents["consumers"] == stored["consumers"]


async def test_edits_of_every_section() -> None:
    documents = {"issuers": ISSUER, "consumers": CONSUMER, "chains": [{"headers": {}}], "routes": HELLO}
    async with serving() as plane, calling(plane) as caller:
        made = [
            pb.Edit(section=section, id="one", json=msgspec.json.encode(document).decode())
            for section, document in documents.items()
        ]
        assert len((await caller.apply(edits(*made))).changes) == 4
        assert plane.store.documents["chains"]["one"] == [{"headers": {}}]
        removed = [pb.Edit(section=section, id="one", remove=True) for section in documents]
        assert len((await caller.apply(edits(*removed))).changes) == 4
