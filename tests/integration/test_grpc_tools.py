"""What tools make of the gRPC server: reflection, health checking, generated code, the example. Not for our calls."""

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from app.domain.entities.control import WorkerStatus
from tests.grpc_harness import HELLO, READ, WRITE, Plane, serving

ROOT = Path(__file__).resolve().parents[2]
PROTO = "gateway/v1/config.proto"
SERVICES = ["gateway.v1.ConfigService", "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"]
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


class GenericClient:
    """Knows nothing of the service but what reflection tells, and speaks JSON, as grpcurl does."""

    def __init__(self, channel: grpc.aio.Channel, token: str) -> None:
        self._channel = channel
        self._metadata = (("authorization", f"Bearer {token}"),)

    async def _ask(self, **question: str) -> Any:
        async def questions() -> AsyncIterator[Any]:
            yield reflection_pb2.ServerReflectionRequest(**question)

        stub = reflection_pb2_grpc.ServerReflectionStub(self._channel)
        [answer] = [one async for one in stub.ServerReflectionInfo(questions(), metadata=self._metadata, timeout=20)]
        return answer

    async def services(self) -> list[str]:
        """The names of the services."""
        answer = await self._ask(list_services="")
        return sorted(one.name for one in answer.list_services_response.service)

    async def call(self, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]:
        """Call a method with a request as JSON; the answer as JSON."""
        answer = await self._ask(file_containing_symbol=service)
        pool = DescriptorPool()
        ahead = [FileDescriptorProto.FromString(data) for data in answer.file_descriptor_response.file_descriptor_proto]
        known = set[str]()
        while ahead:
            # A file can be added when those that it imports are.
            ready = next(file for file in ahead if known.issuperset(file.dependency))
            pool.Add(ready)
            known.add(ready.name)
            ahead.remove(ready)
        found = pool.FindServiceByName(service).methods_by_name[method]
        ask, tell = GetMessageClass(found.input_type), GetMessageClass(found.output_type)
        call: Any = self._channel.unary_unary(f"/{service}/{method}", ask.SerializeToString, tell.FromString)
        message = json_format.ParseDict(request, ask())
        answered = await call(message, metadata=self._metadata, timeout=20)
        return json_format.MessageToDict(answered)


async def test_a_client_of_reflection_alone_can_do_everything() -> None:
    async with serving() as plane, grpc.aio.insecure_channel(f"127.0.0.1:{plane.port}") as channel:
        client = GenericClient(channel, WRITE)
        assert await client.services() == SERVICES
        edit = {"section": "routes", "id": "hello", "json": json.dumps(HELLO), "expectedVersion": ""}
        applied = await client.call(SERVICES[0], "Apply", {"edits": {"edits": [edit]}})
        assert applied["revision"] == "1"
        found = await client.call(SERVICES[0], "Get", {"section": "routes"})
        assert json.loads(found["entities"][0]["json"]) == HELLO


async def test_reflection_needs_a_token() -> None:
    async with serving() as plane, grpc.aio.insecure_channel(f"127.0.0.1:{plane.port}") as channel:
        assert await GenericClient(channel, READ).services() == SERVICES
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await GenericClient(channel, "wrong").services()
        assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def health_of(channel: grpc.aio.Channel, service: str = "") -> int:
    """What a probe without a token is told."""
    stub = health_pb2_grpc.HealthStub(channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=20)
    state: int = answer.status
    return state


async def test_health_follows_the_store() -> None:
    async with serving() as plane, grpc.aio.insecure_channel(f"127.0.0.1:{plane.port}") as channel:
        assert await health_of(channel) == SERVING
        assert await health_of(channel, SERVICES[0]) == SERVING
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await health_of(channel, "nothing")
        assert error.value.code() is grpc.StatusCode.NOT_FOUND

        stub = health_pb2_grpc.HealthStub(channel)
        metadata = (("authorization", f"Bearer {READ}"),)
        watch = stub.Watch(health_pb2.HealthCheckRequest(service=SERVICES[0]), metadata=metadata, timeout=30)
        assert (await watch.read()).status == SERVING
        plane.board.workers = [WorkerStatus(pid=1, started=1.0, problem="redis does not answer")]
        assert (await watch.read()).status == NOT_SERVING
        assert await health_of(channel) == SERVING
        every = await stub.List(health_pb2.HealthListRequest(), metadata=metadata, timeout=20)
        assert {name: one.status for name, one in every.statuses.items()} == {"": SERVING, SERVICES[0]: NOT_SERVING}

        plane.board.workers = []
        assert (await watch.read()).status == SERVING
        assert plane.server is not None
        async with asyncio.timeout(10):
            await plane.server.stop(30)
        assert (await watch.read()).status == NOT_SERVING
        assert await watch.read() is grpc.aio.EOF


async def test_health_beyond_a_check_needs_a_token() -> None:
    async with serving() as plane, grpc.aio.insecure_channel(f"127.0.0.1:{plane.port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for call in (stub.List(health_pb2.HealthListRequest()), stub.Watch(health_pb2.HealthCheckRequest()).read()):
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await call
            assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED


def generate(into: Path, *kinds: str) -> None:
    """Run protoc as `make proto` does."""
    outputs = [f"--{kind}_out={into}" for kind in kinds]
    command = [sys.executable, "-m", "grpc_tools.protoc", "--proto_path=deploy/proto", *outputs, PROTO]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)


def test_generated_code_is_current(tmp_path: Path) -> None:
    generate(tmp_path, "python", "pyi")
    kept = ROOT / "app/interfaces/grpc/generated"
    for name in ("gateway/v1/config_pb2.py", "gateway/v1/config_pb2.pyi"):
        assert (kept / name).read_text() == (tmp_path / name).read_text(), "run `make proto`"


async def run_example(plane: Plane, modules: Path) -> list[str]:
    """What examples/grpc_client.py prints."""
    environment = {**os.environ, "PYTHONPATH": str(modules), "GATEWAY_ADMIN_TOKEN": WRITE}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "examples/grpc_client.py"),
        f"127.0.0.1:{plane.port}",
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, err.decode()
    return out.decode().splitlines()


async def test_the_example(tmp_path: Path) -> None:
    generate(tmp_path, "python", "grpc_python")
    async with serving() as plane:
        lines = await run_example(plane, tmp_path)
    assert lines[0].startswith("revision 1, digest ")
    assert lines[1].startswith("routes.hello at version v1: {")
    assert lines[2:] == [
        "refused: INVALID_ARGUMENT",
        "  routes.hello.priority: expected a whole number, got 'high'",
        "live: revision 1 with 1 routes",
    ]


def commands() -> list[list[str]]:
    """The words of every grpcurl in docs/grpc.md; lines that go on begin with a blank."""
    page = (ROOT / "docs/grpc.md").read_text()
    found = re.findall(r"^grpcurl .*\n(?: .*\n)*", page, re.MULTILINE)
    return [shlex.split(command.replace("\\\n", "")) for command in found]


async def test_the_commands_of_the_page_work() -> None:
    called = set()
    async with serving() as plane, grpc.aio.insecure_channel(f"127.0.0.1:{plane.port}") as channel:
        client = GenericClient(channel, WRITE)
        for words in commands():
            service, _, method = words[-1].rpartition("/")
            called.add(method)
            if method in {"list", "Watch"}:
                continue
            assert await client.call(service, method, json.loads(words[words.index("-d") + 1])) or method == "Validate"
    assert called == {"list", "Check", "Apply", "Get", "Watch", "Validate", "Explain"}
