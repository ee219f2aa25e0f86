"""Filter `headers`: sets, adds and removes fields of requests and responses. Not for those that the gateway owns."""

from typing import Final

import msgspec

from app.application.kinds import Kind, Place, read
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.policies import forwarding

NAME: Final = "headers"

_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes to the fields of one direction, in this order: remove, set, add."""

    set: dict[str, str] = {}
    """Replaces every field of the name."""
    add: dict[str, str | tuple[str, ...]] = {}
    """Adds fields after those that are there."""
    remove: tuple[str, ...] = ()


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `headers`."""

    request: Changes = Changes()
    response: Changes = Changes()


class _Compiled:
    """Changes as bytes, so that applying them costs one pass over the fields."""

    def __init__(self, changes: Changes) -> None:
        replaced = {name.lower().encode(): value.encode() for name, value in changes.set.items()}
        self.gone: Final = frozenset(replaced) | {name.lower().encode() for name in changes.remove}
        new: Headers = list(replaced.items())
        for name, values in changes.add.items():
            lines = (values,) if isinstance(values, str) else values
            new += [(name.lower().encode(), value.encode()) for value in lines]
        self.new: Final = new
        self.idle: Final = not self.gone and not self.new

    def apply(self, headers: Headers) -> Headers:
        """The changed fields."""
        return [field for field in headers if field[0] not in self.gone] + self.new


class HeadersFilter:
    """One `headers` step."""

    def __init__(self, options: Options) -> None:
        """Raises ValueError that names the first field that may not be changed."""
        found = problems(options)
        if found:
            raise ValueError(found[0])
        self._request = _Compiled(options.request)
        self._response = _Compiled(options.response)

    def on_request(self, exchange: Exchange) -> None:
        """Change the request's fields, and the look-up table with them."""
        change = self._request
        if change.idle:
            return
        request = exchange.request
        # A client must not be able to name, and so delete, what is added here (P-02).
        forwarding.drop_named(request)
        request.headers = change.apply(request.headers)
        fields = request.fields
        for name in change.gone:
            fields.pop(name, None)
        for name, value in change.new:
            earlier = fields.get(name)
            glue = b"; " if name == b"cookie" else b", "
            fields[name] = value if earlier is None else earlier + glue + value

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Change the response's fields."""
        if not self._response.idle:
            response.headers = self._response.apply(response.headers)


def build(options: object, _: Tools, __: Place) -> HeadersFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    return HeadersFilter(read(options, Options))


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    parts = []
    for direction, changes in (("request", decoded.request), ("response", decoded.response)):
        for verb, names in (("remove", changes.remove), ("set", changes.set), ("add", changes.add)):
            if names:
                parts.append(f"{direction} {verb} {', '.join(names)}")
    return "; ".join(parts) or "nothing"


def problems(options: Options) -> list[str]:
    """Everything that is wrong with the options, each with the place of the mistake."""
    return _wrong("request", options.request) + _wrong("response", options.response)


def _wrong(direction: str, changes: Changes) -> list[str]:
    found = []
    for verb, names in (("set", changes.set), ("add", changes.add), ("remove", changes.remove)):
        for name in names:
            reason = _wrong_name(direction, name.lower())
            if reason:
                found.append(f"{direction}.{verb}: {name!r} {reason}")
    lines = [("set", name, value) for name, value in changes.set.items()]
    for name, values in changes.add.items():
        lines += [("add", name, value) for value in ((values,) if isinstance(values, str) else values)]
    for verb, name, value in lines:
        if not (value.isascii() and value.isprintable() and value == value.strip()):
            found.append(f"{direction}.{verb}.{name}: expected printable ASCII without blanks around it, got {value!r}")
    return found


def _wrong_name(direction: str, name: str) -> str:
    raw = name.encode()
    if not name or not _TOKEN.issuperset(name):
        return "is no field name"
    if raw in forwarding.HOP_BY_HOP or raw in forwarding.FRAMING:
        return "concerns the connection, not the message: the gateway chooses it"
    if direction == "response":
        return ""
    if raw == b"host":
        return "is changed by rewrite.host"
    if raw in forwarding.WRITTEN:
        return "is written by the gateway itself"
    if not forwarding.from_client(raw):
        return "is never sent to services: it could not be told from a client's forgery"
    return ""


KIND: Final = Kind(build, describe, lambda options: problems(read(options, Options)), shared=True)
