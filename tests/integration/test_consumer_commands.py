"""What docs/consumers.md says to type is typed here, against a gateway's admin API on a real socket."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from app.interfaces.cli.credentials import digest_of
from tests.admin_client import READ, make_app
from tests.fakes_control import Plane
from tests.hypercorn_server import serving
from tests.integration.test_remote_commands import Shell

PAGE: Final = Path(__file__).resolve().parents[2] / "docs/consumers.md"
BLOCK: Final = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    plane = Plane()
    async with serving(make_app(plane)) as port:
        yield Shell(tmp_path, port, plane)


async def typed(shell: Shell, text: str) -> str:
    """Type lines into a shell; what they print. It stops at the first that fails."""
    script = f'set -e; gateway() {{ {sys.executable} -m app "$@"; }}\n{text}'
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", script, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        cwd=shell.folder, env=shell.environment,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, err.decode()
    return out.decode()


def consumers(shell: Shell) -> dict[str, Any]:
    return shell.plane.store.documents["consumers"]


async def test_the_page(shell: Shell) -> None:
    blocks = BLOCK.findall(PAGE.read_text())
    made, renewed, leaked, grouped, others, stopped = blocks
    key = (await typed(shell, made)).strip()
    assert [one["sha256"] for one in consumers(shell)["mobile-app"]["api_keys"]] == [digest_of(key)]
    listed = await typed(shell, renewed)
    assert digest_of(key)[:8] in listed
    assert [one["name"] for one in consumers(shell)["mobile-app"]["api_keys"]] == ["production-2"]
    await typed(shell, leaked)
    assert [one["name"] for one in consumers(shell)["mobile-app"]["api_keys"]] == ["production-2"]
    listed = await typed(shell, grouped)
    assert "partners" in listed
    assert "600/min" in listed
    assert consumers(shell)["mobile-app"]["groups"] == ["partners"]
    secret = (await typed(shell, others)).splitlines()[-1]
    assert consumers(shell)["bank"]["signatures"][0]["secret"] == secret
    assert consumers(shell)["jo"]["basic"][0]["password"].startswith("$argon2id$")
    await typed(shell, stopped)
    assert consumers(shell)["jo"]["enabled"] is False
    assert "bank" not in consumers(shell)


async def test_nobody_with_the_token_that_only_reads_makes_keys_or_sees_secrets(shell: Shell) -> None:
    secret = (await shell("consumers", "add-signature-key", "bank", "b", "--create")).out.strip()
    refused = await shell("consumers", "add-key", "bank", GATEWAY_ADMIN_TOKEN=READ)
    assert (refused.code, refused.out) == (2, "")
    for command in (("consumers", "get", "bank"), ("config", "export")):
        assert secret in (await shell(*command)).out
        seen = await shell(*command, GATEWAY_ADMIN_TOKEN=READ)
        assert (seen.code, secret in seen.out, "(secret)" in seen.out) == (0, False, True)
    (shell.folder / "seen.yaml").write_text((await shell("config", "export", GATEWAY_ADMIN_TOKEN=READ)).out)
    assert (await shell("config", "diff", "seen.yaml")).code == 0
    assert (await shell("config", "apply", "seen.yaml")).code == 0
    assert consumers(shell)["bank"]["signatures"][0]["secret"] == secret


async def test_keys_that_are_made_at_the_same_time_are_all_kept(shell: Shell) -> None:
    await shell("consumers", "put", "c", "-", given="{}")
    ended = await asyncio.gather(*(shell("consumers", "add-key", "c", "--name", f"k{n}") for n in range(3)))
    digests = {digest_of(one.out.strip()) for one in ended if one.code == 0}
    assert len(digests) == 3
    assert {key["sha256"] for key in consumers(shell)["c"]["api_keys"]} == digests


@pytest.mark.parametrize(
    ("section", "text", "cells"),
    [
        ("issuers", "{issuer: https://a, audience: api, algorithms: [RS256], jwks: https://a/keys}", "https://a/keys"),
        ("chains", "[{headers: {request: {remove: [x-a]}}}]", "headers"),
        ("consumers", "{groups: [a]}", "a"),
    ],
)
async def test_every_section_from_nothing_to_nothing(shell: Shell, section: str, text: str, cells: str) -> None:
    put = await shell(section, "put", "one", "-", given=text)
    assert (put.code, put.out.splitlines()[0]) == (0, f"added {section}.one")
    listed = await shell(section, "list")
    assert cells in listed.out.splitlines()[2].split()
    assert (await shell(section, "get", "one")).code == 0
    assert (await shell(section, "delete", "one")).code == 0
    assert (await shell(section, "list")).out == f"no {section}\n"
