"""What keeps `gateway serve` from starting: one clear line, exit code 2, no traceback."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest

from tests.backends import eventually
from tests.clients import fetch
from tests.integration.gateway_process import gateway

SERVERS = ("builtin",)

HELLO = "routes: {hello: {respond: {body: hello}}}\n"


async def refusal(tmp_path: Path, server: str, *arguments: str, **settings: str) -> str:
    """What is said on a start that is refused with exit code 2."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environment["GATEWAY_STATE_DIR"] = str(tmp_path / "state")
    environment |= {f"GATEWAY_{name.upper()}": value for name, value in settings.items()}
    environment["PYTHONPATH"] = str(Path.cwd())
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "serve", "--server", server, "--workers", "1", *arguments),
        env=environment,
        stderr=asyncio.subprocess.PIPE,
        cwd=tmp_path,
    )
    _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2, said
    return said.decode()


def hello(tmp_path: Path) -> str:
    file = tmp_path / "gateway.yaml"
    file.write_text(HELLO)
    return str(file)


async def test_a_port_in_use_is_one_line(tmp_path: Path, server: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        said = await refusal(tmp_path, server, "--config", hello(tmp_path), "--listen", address)
    assert said == f"gateway: cannot listen on {address}: the port is in use\n"


async def test_an_unreadable_certificate_is_one_line(tmp_path: Path, server: str) -> None:
    said = await refusal(
        tmp_path, server, "--config", hello(tmp_path), "--tls-cert", "/nowhere/c.pem", "--tls-key", "/nowhere/k.pem"
    )
    assert said == "gateway: certificate /nowhere/c.pem cannot be read: No such file or directory\n"


@pytest.mark.parametrize("arguments", [["--config", "no.yaml"], []])
async def test_a_missing_configuration_is_one_line(tmp_path: Path, server: str, arguments: list[str]) -> None:
    said = await refusal(tmp_path, server, *arguments)
    assert len(said.splitlines()) == 1
    assert (arguments[1] if arguments else "gateway.yaml") in said
    assert "GATEWAY_CONFIG" in said


async def test_every_problem_of_a_broken_configuration_is_told(tmp_path: Path, server: str) -> None:
    file = tmp_path / "gateway.yaml"
    file.write_text("routes:\n  a: {mtach: {}}\n  b: {service: nowhere}\n")
    lines = (await refusal(tmp_path, server, "--config", str(file))).splitlines()
    assert [line for line in lines if "mtach" in line]
    assert [line for line in lines if "nowhere" in line]
    assert not [line for line in lines if "Traceback" in line]


async def test_a_wrong_setting_is_one_line(tmp_path: Path, server: str) -> None:
    said = await refusal(tmp_path, server, "--config", hello(tmp_path), head_timeout="soon")
    assert len(said.splitlines()) == 1
    assert "GATEWAY_HEAD_TIMEOUT" in said


async def test_an_access_log_that_cannot_be_opened_is_one_line(tmp_path: Path, server: str) -> None:
    said = await refusal(tmp_path, server, "--config", hello(tmp_path), "--access-log", "/nowhere/access.log")
    assert said == "gateway: access log /nowhere/access.log cannot be opened: No such file or directory\n"


async def test_a_state_directory_that_cannot_be_written_is_a_warning(tmp_path: Path, server: str) -> None:
    (tmp_path / "file").touch()
    async with gateway(tmp_path, HELLO, server, state_dir=str(tmp_path / "file" / "state")) as running:
        assert (await fetch(running.port)).body == b"hello"
        await eventually(lambda: any("could not be kept" in line for line in running.log))
    warnings = [line for line in running.log if '"level":"warning"' in line]
    assert all("Not a directory" in warning for warning in warnings)
    assert not any("Traceback" in line for line in running.log)


async def test_an_option_wins_over_a_variable_that_is_wrong(tmp_path: Path, server: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        arguments = ("--config", hello(tmp_path), "--head-timeout", "5s", "--listen", address)
        said = await refusal(tmp_path, server, *arguments, head_timeout="soon")
    assert said == f"gateway: cannot listen on {address}: the port is in use\n"
