"""`gateway …` as a shell sees it, against the admin API on a real socket."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from app.domain.control_ports import StoreUnavailable
from tests.admin_client import READ, WRITE, make_app
from tests.fakes_control import HELLO, ROUTE, SERVICE, Plane
from tests.hypercorn_server import serving


class Ended(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str


class Shell:
    """Runs commands in `folder`, with the gateway at `port` in the environment."""

    def __init__(self, folder: Path, port: int, plane: Plane) -> None:
        self.folder = folder
        self.port = port
        self.plane = plane
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")},
            "PYTHONPATH": str(Path.cwd()),
            "GATEWAY_STATE_DIR": str(folder / "state"),
            "GATEWAY_ADMIN_URL": f"http://127.0.0.1:{port}",
            "GATEWAY_ADMIN_TOKEN": WRITE,
        }

    async def __call__(self, *arguments: str, given: str = "", **variables: str) -> Ended:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app", *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            cwd=self.folder, env={**self.environment, **variables},
        )  # fmt: skip
        try:
            async with asyncio.timeout(30):
                out, err = await process.communicate(given.encode())
        finally:
            if process.returncode is None:
                process.kill()
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())

    def write(self, name: str, content: object) -> str:
        (self.folder / name).write_text(json.dumps(content))
        return name


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    plane = Plane({"services": {"users": SERVICE}, "routes": {"users": ROUTE}})
    async with serving(make_app(plane)) as port:
        yield Shell(tmp_path, port, plane)


async def test_one_entity_from_nothing_to_nothing(shell: Shell) -> None:
    put = await shell("routes", "put", "a/b", "-", given="match: {paths: [/hello/*]}\nurl: http://127.0.0.1:9001\n")
    assert (put.code, put.err) == (0, "")
    assert put.out.startswith("added routes.a/b\nlive in revision ")
    found = await shell("routes", "get", "a/b")
    assert found.out == "match:\n  paths:\n  - /hello/*\nurl: http://127.0.0.1:9001\n"
    listed = await shell("routes", "list", "--server", f"http://127.0.0.1:{shell.port}")
    assert "users" in listed.out
    assert "a/b" in listed.out
    version = json.loads((await shell("routes", "get", "a/b", "--json")).out)["version"]
    late = await shell("routes", "delete", "a/b", "--expect", "other")
    assert late.code == 1
    assert "read it again" in late.err
    assert (await shell("routes", "delete", "a/b", "--expect", version)).code == 0
    gone = await shell("routes", "get", "a/b")
    assert (gone.code, gone.out) == (1, "")
    assert gone.err.startswith("refused: routes.a/b does not exist")


async def test_mistakes_are_told_one_a_line(shell: Shell) -> None:
    wrong = {"match": {"paths": ["/x", 7], "methods": ["get it"]}, "service": "users"}
    put = await shell("routes", "put", "a", shell.write("a.json", wrong))
    assert (put.code, put.out) == (1, "")
    lines = put.err.splitlines()
    places = [line.partition(": ")[0] for line in lines]
    assert sorted(places[:-1]) == ["routes.a.match.methods[0]", "routes.a.match.paths[1]"]
    assert places[-1] == "refused"
    as_json = await shell("routes", "put", "a", "a.json", "--json")
    assert (as_json.code, as_json.err) == (1, "")
    assert len(json.loads(as_json.out)["problems"]) == len(lines) - 1


async def test_a_whole_configuration_out_changed_compared_and_in_again(shell: Shell) -> None:
    assert (await shell("config", "export", "-o", "live.yaml")).code == 0
    same = await shell("config", "diff", "live.yaml")
    assert (same.code, same.out) == (0, "nothing would change\n")
    changed = {"services": {"users": {**SERVICE, "balance": "least_request"}}, "routes": {"hello": HELLO}}
    file = shell.write("new.json", changed)
    different = await shell("config", "diff", file)
    assert different.code == 1
    for line in ("~ services.users", '    balance: "least_request"', "+ routes.hello", "- routes.users"):
        assert line in different.out.splitlines()
    assert shell.plane.store.writes == []
    applied = await shell("config", "apply", file)
    assert (applied.code, applied.err) == (0, "")
    assert "live in revision 2" in applied.out
    assert shell.plane.store.documents == changed
    assert (await shell("config", "import", "live.yaml", "--yes")).code == 0
    assert shell.plane.store.documents == {"services": {"users": SERVICE}, "routes": {"hello": HELLO, "users": ROUTE}}


async def test_what_would_be_refused(shell: Shell) -> None:
    file = shell.write("bad.json", {"routes": {"a": {"rul": "x"}}})
    before = shell.plane.store.documents
    for command, code in (("diff", 2), ("apply", 1), ("import", 1)):
        ended = await shell("config", command, file)
        assert (ended.code, ended.out) == (code, "")
        assert "routes.a" in ended.err
    assert shell.plane.store.documents == before
    empty = await shell("config", "apply", "-", given="")
    assert empty.code == 2
    assert "to remove everything, write `routes: {}`" in empty.err
    assert shell.plane.store.documents == before


async def test_history_and_the_way_back(shell: Shell) -> None:
    await shell("services", "put", "more", shell.write("s.json", SERVICE))
    listed = await shell("history")
    assert "added services.more" in listed.out
    assert (await shell("rollback", "1")).code == 0
    assert "more" not in shell.plane.store.documents["services"]
    never = await shell("rollback", "99")
    assert never.code == 1
    assert "revision 99 is not kept" in never.err


async def test_status(shell: Shell) -> None:
    status = await shell("status")
    assert (status.code, status.err) == (0, "")
    assert "store     memory\n" in status.out
    assert json.loads((await shell("status", "--json")).out)["workers"][0]["pid"] == 7


async def test_tokens(shell: Shell) -> None:
    (shell.folder / "token").write_text(f"{WRITE}\n")
    for arguments, token, code, words in (
        (("services", "list"), READ, 0, ""),
        (("services", "delete", "users"), READ, 2, "this token only reads"),
        (("services", "list"), "wrong", 2, "the token is not the right one"),
        (("services", "list"), "", 2, "a token is needed"),
        (("services", "list", "--token-file", "token"), "wrong", 0, ""),
    ):
        ended = await shell(*arguments, GATEWAY_ADMIN_TOKEN=token)
        assert ended.code == code
        assert words in ended.err
        assert "Traceback" not in ended.err
    kept = shell.folder / "state" / "admin-token"
    kept.parent.mkdir(mode=0o700)
    kept.touch(0o600)
    kept.write_text(WRITE)
    assert (await shell("services", "list", GATEWAY_ADMIN_TOKEN="")).code == 0


async def test_a_store_that_is_away(shell: Shell) -> None:
    shell.plane.store.fails = StoreUnavailable("redis://h/0 does not answer: start it")
    ended = await shell("config", "export")
    assert (ended.code, ended.out, ended.err) == (1, "", "refused: redis://h/0 does not answer: start it\n")


async def test_where_nobody_listens(shell: Shell) -> None:
    ended = await shell("status", "--server", "http://127.0.0.1:1")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[0].startswith("gateway: http://127.0.0.1:1: cannot connect: ")
    assert "--server" in ended.err
