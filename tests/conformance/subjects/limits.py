"""Limits and refusals by size: P-64 and P-65."""

from typing import Final

from tests.conformance.case import Cases
from tests.conformance.stand import Stand, request

CASES: Final = Cases()
add, refuse = CASES.add, CASES.refuse

refuse(
    "P-65", "101-fields", "more than 100 fields", request("GET /P-65", *(f"X-{n}: 1" for n in range(100))),
    "server 431", "gateway 431",
)  # fmt: skip
refuse("P-65", "large-field", "a field of 17 KiB", request("GET /P-65", f"X-A: {'a' * 17_408}"), "gateway 431")
refuse(
    "P-65", "many-large-fields", "20 KiB of fields", request("GET /P-65", *(f"X-{n}: {'a' * 400}" for n in range(50))),
    "gateway 431",
)  # fmt: skip
refuse("P-65", "huge-head", "a head of 1 MiB", request("GET /P-65", f"X-A: {'a' * 1_048_576}"), "server 431")
refuse("P-65", "long-target", "a target of 9 KiB", request(f"GET /{'a' * 9216}"), "gateway 414")
refuse("P-65", "long-query", "a query of 9 KiB", request(f"GET /?{'a' * 9216}"), "gateway 414")
refuse("P-65", "deep-path", "a path of 300 segments", request(f"GET {'/a' * 300}"), "gateway 414")
refuse(
    "P-64",
    "http-2-0-in-the-request-line",
    "HTTP/2.0 in a request line",
    request("GET /x", version="2.0"),
    "server 400",
    "gateway 505",
)
refuse("P-64", "http-9-9", "HTTP/9.9 in a request line", request("GET /x", version="9.9"), "server 400", "gateway 505")
refuse("P-64", "no-version", "a request line without a version", b"GET /x\r\nHost: test\r\n\r\n", "server 400")


@add("P-65", "within", "100 fields, and a target of 8,000 bytes, are served")
async def within(stand: Stand) -> None:
    assert (await stand.get("/P-65/fields", *(f"X-{n}: 1" for n in range(98)))).status == 200
    assert (await stand.get("/P-65/" + "a" * 8000)).status == 200


@add("P-64", "http-1-0", "HTTP/1.0 is served, and Via says so")
async def http_1_0(stand: Stand) -> None:
    said = await stand.talk(request("GET /P-64/old", version="1.0"))
    assert (said.status, said.body, said.closed) == (200, b"served", True)
    assert stand.upstream("/P-64/old")["via"] == ["1.0 gateway"]


@add("P-64", "refused-connection", "a target that cannot be reached is a 502")
async def refused_connection(stand: Stand) -> None:
    said = await stand.get("/nobody")
    assert (said.status, said.field("content-type")) == (502, ["application/problem+json"])
    assert (await stand.gateway.record("/nobody"))["error"] == "upstream_connect_failed"
