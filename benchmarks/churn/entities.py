"""What the store holds in this benchmark, and what is changed in it, by number. Sends nothing."""

from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec

Watched = Literal["version", "traffic"]
"""Routes that are changed and asked: `version` answers by itself, `traffic` is the one that the load goes through."""

WATCHED: Final[tuple[Watched, ...]] = ("version", "traffic")
SERVICES: Final = 100
"""The other routes are shared among so many services."""
FIELD: Final = "x-version"
"""The field of an answer that tells the version of the route `traffic`."""
WITH_SERVICE: Final = 10
"""Each such change alters the service of the traffic as well: its connections are made anew."""

Document = dict[str, Any]
Command = tuple[str, str, Document]
"""Section, id and document of one HSET."""


def services(backend: int, streams: int) -> dict[str, bytes]:
    """Every service as JSON text. `streams` is the port of the backend for WebSockets."""
    named = {f"s{number}": _service(backend) for number in range(SERVICES)}
    named |= {"traffic": traffic_service(backend, 0), "echo": _service(streams)}
    return {id_: text(document) for id_, document in named.items()}


def routes(count: int, start: int = 0) -> dict[str, bytes]:
    """Routes `start` to `count` as JSON text. The first ones are those that are asked, the others fill the table."""
    own: dict[str, Document] = {
        "root": {"match": {"paths": ["/"]}, "respond": {"body": "ready"}},
        "echo": {"match": {"paths": ["/echo"]}, "service": "echo"},
        "version": version_route(0),
        "traffic": traffic_route(0),
    }
    found = {} if start else {id_: text(document) for id_, document in own.items()}
    found |= {f"r{number}": text(other_route(number)) for number in range(max(start, len(own)), count)}
    return found


def other_route(number: int, version: int = 0) -> Document:
    """A route that nobody asks: most by a prefix, every tenth with a parameter, every tenth with a field."""
    match: Document = {"hosts": [f"h{number % 1000}.example.com"], "paths": [f"/s{number}/*"]}
    if number % 10 == 1:
        match |= {"paths": [f"/s{number}/{{id}}/detail"], "methods": ["GET"]}
    elif number % 10 == 2:
        match |= {"headers": {"user-agent": "~(?i)iphone|android"}}
    route = {"match": match, "service": f"s{number % SERVICES}", "filters": [_header(str(version))]}
    return route if number % 10 != 3 else {"match": match, "respond": {"body": f"version {version}"}}


def version_route(version: int) -> Document:
    """Answers with its version."""
    return {"match": {"paths": ["/version"]}, "respond": {"body": str(version)}}


def traffic_route(version: int) -> Document:
    """Goes to the service, and tells its version in a field."""
    return {"match": {"paths": ["/traffic"]}, "service": "traffic", "filters": [_header(str(version))]}


def traffic_service(backend: int, version: int) -> Document:
    """A service whose connections cannot be those of the version before."""
    return _service(backend) | {"keep_alive": {"max_idle": 64 + version % 1000}}


def change(number: int, backend: int) -> tuple[Watched, list[Command]]:
    """Change `number`, from 1: the route by which it shows, and what is to be written for it, in this order."""
    if number % 2:
        return "version", [("routes", "version", version_route(number))]
    commands: list[Command] = [("routes", "traffic", traffic_route(number))]
    if number % WITH_SERVICE == 0:
        commands.insert(0, ("services", "traffic", traffic_service(backend, number)))
    return "traffic", commands


def due(count: int, seconds: float) -> Iterator[tuple[int, float]]:
    """Changes by number, with the second in which each is due: evenly spread."""
    return ((number, (number - 1) * seconds / count) for number in range(1, count + 1))


def text(document: Document) -> bytes:
    """As it stands in the store."""
    return msgspec.json.encode(document)


def _service(port: int) -> Document:
    return {"targets": [{"url": f"http://127.0.0.1:{port}"}]}


def _header(version: str) -> Document:
    return {"headers": {"response": {"set": {FIELD: version}}}}
