"""Times the pieces that every request passes, each alone and in this process. Not a measure of throughput.

Compare figures of one run with one another; those of two machines, or two days, say little.
"""

import timeit
from collections.abc import Callable
from functools import partial

from app.domain.entities.request import Client, Request, UpstreamRequest
from app.domain.entities.route import Match, Route
from app.domain.policies.forwarding import request_headers, response_headers
from app.domain.policies.paths import canonical_path
from app.domain.policies.routing import RouteTable
from app.domain.policies.routing_builder import TableBuilder
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.transport.http1_head import request_head

REPEATS = 5
FIELDS = [
    (b"host", b"api.example.com"),
    (b"user-agent", b"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"),
    (b"accept", b"application/json"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"accept-language", b"en-GB,en;q=0.9"),
    (b"cookie", b"session=0123456789abcdef"),
    (b"x-beta", b"1"),
    (b"connection", b"keep-alive"),
]


def request(path: str) -> Request:
    return Request(
        method="GET",
        scheme="http",
        authority="api.example.com",
        host="api.example.com",
        path=path,
        query="page=2",
        headers=FIELDS,
        fields=dict(FIELDS),
        client=Client(address="192.0.2.1", peer="192.0.2.1", port=40000),
    )


def routes(count: int) -> dict[str, Route]:
    """A table with every tenth route on a parameter, every tenth on a field, the rest on a prefix."""
    table = {}
    for n in range(count):
        match = Match(paths=(f"/s{n}/*",))
        if n % 10 == 1:
            match = Match(paths=(f"/s{n}/{{id}}/detail",), methods=("GET",))
        elif n % 10 == 2:
            match = Match(paths=(f"/s{n}/*",), headers={"user-agent": "~(?i)iphone|android"})
        table[f"r{n}"] = Route(match=match, url="http://127.0.0.1:9000")
    return table


def microseconds(call: Callable[[], object], number: int) -> float:
    """The best of a few runs: the others were disturbed."""
    return min(timeit.repeat(call, number=number, repeat=REPEATS)) / number * 1e6


def report(what: str, call: Callable[[], object], number: int = 20_000) -> None:
    print(f"{what:<44} {microseconds(call, number):8.2f} us", flush=True)


def bench_matching() -> None:
    for count in (10, 1_000, 100_000):
        table = RouteTable.compile(routes(count), compile_regex)
        last = count - count % 10 - 10
        for kind, path in (
            ("prefix", f"/s{last}/a/b"),
            ("parameter", f"/s{last + 1}/42/detail"),
            ("prefix and field", f"/s{last + 2}/a/b"),
            ("no route", "/nowhere/a/b"),
        ):
            asked = request(path)
            report(f"match, {count:,} routes, {kind}", partial(table.match, asked))


def changed(table: RouteTable) -> RouteTable:
    """The table with another route in place of the first."""
    builder = TableBuilder(table)
    builder.put("r0", Route(match=Match(paths=("/s0/*",), methods=("PUT",)), url="http://127.0.0.1:9000"))
    return builder.table()


def bench_changes() -> None:
    for count in (10, 1_000, 100_000):
        table = RouteTable.compile(routes(count), compile_regex)
        report(f"one route changed, {count:,} routes", partial(changed, table), number=100)


def bench_heads() -> None:
    asked = request("/s1/a/b")
    answer = [(b"content-type", b"application/json"), (b"content-length", b"116"), (b"server", b"demo")]

    def upstream_fields() -> list[tuple[bytes, bytes]]:
        return request_headers(
            asked, host=b"10.0.0.1:8080", request_id=b"0" * 36, traceparent=b"0" * 55, via=b"1.1 gateway"
        )

    sent = UpstreamRequest(method="GET", target="/a/b?page=2", headers=upstream_fields())
    report("fields of the request to the target", upstream_fields)
    report("bytes of the request to the target", lambda: request_head(sent))
    report("fields of the response to the client", lambda: response_headers(answer, via=b"1.1 gateway"))


def bench_paths() -> None:
    report("canonical path, plain", lambda: canonical_path(b"/users/42/orders"))
    report("canonical path, escaped", lambda: canonical_path(b"/users/%7ejo/a%20b"))


if __name__ == "__main__":
    bench_matching()
    bench_changes()
    bench_paths()
    bench_heads()
