"""What keeps the application from starting under a server that knows nothing of it: lines of ours, no traceback."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

SERVERS = ("granian", "hypercorn")

COMMANDS = {
    "hypercorn": ["hypercorn", "app.main:app", "--bind", "127.0.0.1:0"],
    "granian": ["granian", "--interface", "asgi", "--log-level", "error", "--port", "0", "app.main:app"],
}


async def said_by(folder: Path, server: str, **settings: str) -> list[str]:
    """What a server with one worker says until it gives up; its own exit code is its own affair."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environment |= {"PYTHONPATH": str(Path.cwd()), "GATEWAY_STATE_DIR": str(folder / "state")}
    environment |= {f"GATEWAY_{name.upper()}": value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *COMMANDS[server], "--workers", "1"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return said.decode().splitlines()


@pytest.mark.parametrize(
    ("setting", "value", "line"),
    [
        ("head_timeout", "soon", "GATEWAY_HEAD_TIMEOUT: expected a duration such as 250ms, 5s or 1h30m, got 'soon'"),
        ("access_log", "/nowhere/x.log", "access log /nowhere/x.log cannot be opened: No such file or directory"),
    ],
)
async def test_a_setting_that_cannot_be_used_is_one_line(
    tmp_path: Path, server: str, setting: str, value: str, line: str
) -> None:
    said = await said_by(tmp_path, server, **{setting: value})
    assert [one for one in said if one.startswith("gateway: ")] == [f"gateway: {line}"]
    assert not [one for one in said if "Traceback" in one or one.startswith(" ")]
