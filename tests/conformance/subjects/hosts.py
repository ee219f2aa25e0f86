"""The authority of a request: P-08, A-36. How hosts are compared is among the targets."""

from typing import Final

from tests.conformance.case import Cases
from tests.conformance.stand import Stand, request

CASES: Final = Cases()
add, refuse = CASES.add, CASES.refuse


@add("P-08", "host-preserved", "Host goes on as it came")
async def host_preserved(stand: Stand) -> None:
    await stand.talk(request("GET /P-08", "Connection: close", host="a.test:8080"))
    assert stand.upstream("/P-08")["host"] == ["a.test:8080"]


@add("P-08", "host-rewritten", "or is the target's, where the route says so")
async def host_rewritten(stand: Stand) -> None:
    await stand.get("/host-target")
    fields = stand.upstream("/host-target")
    assert fields["host"] == [f"127.0.0.1:{stand.backend.port}"]
    assert fields["x-forwarded-host"] == ["test"]


for name, line, *outcomes in (
    ("missing", "", "gateway 400", "server 400"),
    ("twice", "Host: test\r\nHost: test", "gateway 400", "server 400"),
    ("empty", "Host:", "gateway 400"),
    ("list", "Host: test,other", "gateway 400"),
    ("user", "Host: me@test", "gateway 400"),
    ("path", "Host: test/x", "gateway 400"),
    ("query", "Host: test?x", "gateway 400"),
    ("fragment", "Host: test#x", "gateway 400"),
    ("blank", "Host: te st", "gateway 400"),
    ("port-no-number", "Host: test:80x", "gateway 400"),
    ("port-too-large", "Host: test:65536", "gateway 400"),
    ("percent", "Host: te%73t", "gateway 400"),
    ("backslash", "Host: test\\x", "gateway 400"),
    ("half-bracket", "Host: [::1", "gateway 400"),
    ("non-ascii", "Host: t\xe9st", "gateway 400"),
):
    refuse(
        "P-08", f"host-{name}", f"`{ascii(line)[1:-1]}`" if line else "no Host",
        request("GET /P-08/bad", *([line] if line else []), host=""), *outcomes,
    )  # fmt: skip


@add("A-36", "unknown-host", "a host that no route names is a 404, and no service sees it")
async def unknown_host(stand: Stand) -> None:
    before = len(stand.backend.received)
    said = await stand.talk(request("GET /A-36", "Connection: close", host="evil.example"))
    assert said.status == 404
    assert len(stand.backend.received) == before


@add("A-36", "forwarded-host-does-not-route", "X-Forwarded-Host chooses no route")
async def forwarded_host_does_not_route(stand: Stand) -> None:
    line = request("GET /A-36/x", "X-Forwarded-Host: test", "X-Host: test", "Connection: close", host="evil.example")
    assert (await stand.talk(line)).status == 404
