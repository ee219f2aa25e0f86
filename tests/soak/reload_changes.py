"""Changes by number, good and bad: what an operator and a deployment do to a configuration, ten thousand times over."""

from typing import Any, Final, NamedTuple

Entity = dict[str, Any] | str
"""A document, or text that is none."""

ROUTES: Final = 200
SERVICES: Final = 20
FEW: Final = 10
PLAIN: Final = ROUTES - SERVICES - 2 * FEW
"""Routes with a url."""


class Change(NamedTuple):
    """One entity; None removes it. `ask` is a path that must be answered by a 200 once it is live."""

    section: str
    id: str
    entity: Entity | None
    ask: str = ""
    bad: bool = False


class Changes:
    """`ports` are two backends on loopback."""

    def __init__(self, ports: tuple[int, int]) -> None:
        self._ports = ports

    def all(self, version: int) -> list[Change]:
        """Every entity that there always is, in a version; the numbers of changes are versions too."""
        services = [Change("services", f"s{n}", self._service(n, version), f"/t{n}") for n in range(SERVICES)]
        routes = [Change("routes", f"r{n}", self._url(n, version), f"/r{n}") for n in range(PLAIN)]
        regexes = [Change("routes", f"x{n}", _regex(n, version * FEW + n)) for n in range(FEW)]
        conditions = [Change("routes", f"c{n}", _condition(n, version * FEW + n)) for n in range(FEW)]
        return [*services, *routes, *regexes, *conditions]

    def shared(self) -> list[Change]:
        """The routes that do not change: those of services, which do."""
        return [Change("routes", f"t{n}", {"match": _at(f"/t{n}"), "service": f"s{n}"}) for n in range(SERVICES)]

    def number(self, number: int) -> Change:
        """Change `number`, from 1. Each is different from what is live then."""
        turn, slot = number % 10, number // 10
        few = slot % FEW
        if turn in (0, 5):
            at = (2 * slot + turn // 5) % PLAIN
            return Change("routes", f"r{at}", self._url(at, number), f"/r{at}")
        if turn in (1, 6):
            at = (2 * slot + turn // 6) % SERVICES
            return Change("services", f"s{at}", self._service(at, number), f"/t{at}")
        if turn == 2:
            return Change("routes", f"x{few}", _regex(few, number), f"/x{number}/a")
        if turn == 3:
            return Change("routes", f"c{few}", _condition(few, number))
        if turn in (4, 7):
            return Change("routes", f"bad{few}", _bad(few, number), bad=True)
        added = f"d{few}"
        if turn == 8:
            return Change("routes", added, self._url(few, number, added), f"/{added}")
        return Change("routes", added, None)

    def _url(self, at: int, version: int, id_: str = "") -> dict[str, Any]:
        """A route to one or the other port, which differs from that of any other version."""
        to = f"http://127.0.0.1:{self._ports[version // 10 % 2]}"
        return {"match": _at(f"/{id_ or f'r{at}'}"), "url": to, "rewrite": {"add_prefix": f"/v{version}"}}

    def _service(self, at: int, version: int) -> dict[str, Any]:
        """A service whose connections can be those of no other service, nor of the version before."""
        target = {"url": f"http://127.0.0.1:{self._ports[version // 10 % 2]}"}
        return {"targets": [target], "keep_alive": {"max_idle": 1 + at + SERVICES * (version % 1000)}}


def _at(path: str) -> dict[str, Any]:
    return {"paths": [path]}


def _regex(few: int, version: int) -> dict[str, Any]:
    return {"match": _at(f"~^/x{version}/[a-z]{{1,{few + 1}}}$"), "respond": {"body": "x"}}


def _condition(few: int, version: int) -> dict[str, Any]:
    match = {**_at(f"/c{few}"), "headers": {"x-version": f"~^{version}[0-9]?$"}, "query": {"v": str(version)}}
    return {"match": match, "respond": {"body": "c"}}


def _bad(few: int, version: int) -> Entity:
    """Text that is no JSON, an unknown key, an expression that cannot be compiled, a service that is not there."""
    kinds: list[Entity] = [
        f"{{broken {version}",
        {"match": _at("/bad"), "broken": version},
        {"match": _at(f"~^/(a{version}"), "respond": {}},
        {"match": _at("/bad"), "service": f"nowhere-{version}"},
    ]
    return kinds[few % len(kinds)]
