"""Times what guards add to a request that passes them, each alone and in this process. Not a measure of throughput."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from app.application.filters.registry import FilterBuilder, describe
from app.application.pipeline import Filter
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.policies.address_table import AddressTable
from app.infrastructure.config.settings import Settings
from app.protection import make_protection
from benchmarks.micro import report, request

NETWORKS = [f"10.{n >> 8 & 255}.{n & 255}.0/24" for n in range(60_000)]
ANSWER = [(b"content-type", b"application/json"), (b"content-length", b"116"), (b"server", b"demo"), (b"etag", b'"1"')]
GUARDS: tuple[Mapping[str, Any], ...] = (
    {"access": {"allow": {"addresses": ["192.0.2.0/24", "10.0.0.0/8"]}, "deny": {"addresses": NETWORKS}}},
    {"access": {"deny": {"countries": ["RU"]}}},
    {"cors": {"origins": ["https://app.example.com", "https://*.example.org"], "credentials": True}},
    {"body_limit": {"max": "10MiB"}},
    {"request_limits": {"max_fields": 40, "max_field_bytes": "4KiB", "max_query_parameters": 30}},
    {"methods": {"allow": ["GET", "POST"]}},
    {"content_types": {"allow": ["application/json"]}},
    {"bots": {"deny": ["SemrushBot", "~(?i)scrapy|python-requests"]}},
    {"csrf": {}},
    {"security_headers": {}},
)


class Quiet:
    """Events that nobody reads."""

    def info(self, message: str, **fields: object) -> None: ...

    def warning(self, message: str, **fields: object) -> None: ...

    def error(self, message: str, **fields: object) -> None: ...


def passed(step: Filter, exchange: Exchange) -> None:
    """One request and its response."""
    step.on_request(exchange)
    step.on_response(exchange, Response(200, ANSWER))


def bench_filters() -> None:
    asked = request("/s1/a/b")
    asked.fields[b"origin"] = b"https://app.example.com"
    exchange = Exchange("id", asked, 0.0)
    builder = FilterBuilder(make_protection(Settings(), Quiet()).tools)
    report("an empty answer (part of each figure below)", lambda: Response(200, ANSWER))
    for entry in GUARDS:
        [step] = builder.build("r", [entry], {})
        report(describe(entry)[:44], partial(passed, step, exchange))


def bench_addresses() -> None:
    table = AddressTable(NETWORKS)
    fresh = iter(range(1 << 24))
    report("an address that was asked for before", lambda: "10.1.2.3" in table)
    report("an address that is new", lambda: f"11.{(n := next(fresh)) >> 16}.{n >> 8 & 255}.{n & 255}" in table)


if __name__ == "__main__":
    bench_filters()
    bench_addresses()
