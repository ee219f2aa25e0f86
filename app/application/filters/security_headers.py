"""Filter `security_headers`: fields that tell browsers to be careful. Not for other fields: those are `headers`."""

from typing import Final

import msgspec

from app.application.kinds import Kind, Place, read
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.errors import GatewayError

NAME: Final = "security_headers"

OFF: Final = "off"
_HSTS: Final = b"strict-transport-security"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `security_headers`: values of fields. `off` leaves a field to the service."""

    strict_transport_security: str = "max-age=31536000"
    """Sent over https only (RFC 6797 section 7.2)."""
    x_content_type_options: str = "nosniff"
    x_frame_options: str = "SAMEORIGIN"
    referrer_policy: str = "strict-origin-when-cross-origin"
    content_security_policy: str = OFF
    """`frame-ancestors 'self'`, say."""
    permissions_policy: str = OFF
    cross_origin_opener_policy: str = OFF
    cross_origin_resource_policy: str = OFF
    override: bool = False
    """Whether to replace what the service says; else its own fields stay."""
    remove: tuple[str, ...] = ("server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version")
    """Response fields that tell attackers what to try."""


_FIELDS: Final = tuple(name for name in Options.__struct_fields__ if name not in ("override", "remove"))
_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


class SecurityHeadersFilter:
    """One `security_headers` step. Implements SeesErrors: answers of the gateway itself carry the fields too."""

    __slots__ = ("_gone", "_names", "_plain", "_secure")

    def __init__(self, options: Options) -> None:
        given = [(name.replace("_", "-").encode(), getattr(options, name)) for name in _FIELDS]
        self._secure: Final[Headers] = [(name, value.encode()) for name, value in given if value not in (OFF, "")]
        self._plain: Final[Headers] = [field for field in self._secure if field[0] != _HSTS]
        self._names: Final = frozenset(name for name, _ in self._secure)
        gone = frozenset(name.lower().encode() for name in options.remove)
        self._gone: Final = gone | self._names if options.override else gone

    def on_request(self, exchange: Exchange) -> None:
        """Requests are left alone."""

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Remove, then add what is not there."""
        scheme = exchange.request.scheme
        if scheme[0] == "w":
            return
        gone, names = self._gone, self._names
        kept: Headers = []
        there: set[bytes] = set()
        for field in response.headers:
            name = field[0]
            if name in gone:
                continue
            if name in names:
                there.add(name)
            kept.append(field)
        new = self._secure if scheme == "https" else self._plain
        response.headers = kept + ([field for field in new if field[0] not in there] if there else new)

    def on_error(self, exchange: Exchange, error: GatewayError) -> None:
        """Add the fields to a refusal."""
        scheme = exchange.request.scheme
        if scheme[0] != "w":
            there = {name for name, _ in error.headers}
            new = self._secure if scheme == "https" else self._plain
            error.headers += [field for field in new if field[0] not in there]


def build(options: object, _: Tools, __: Place) -> SecurityHeadersFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    decoded = read(options, Options)
    found = _problems_of(decoded)
    if found:
        raise ValueError(found[0])
    return SecurityHeadersFilter(decoded)


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    given = [name.replace("_", "-") for name in _FIELDS if getattr(decoded, name) not in (OFF, "")]
    return f"{'sets' if decoded.override else 'adds'} {', '.join(given) or 'nothing'}"


def _problems_of(options: Options) -> list[str]:
    found = []
    for name in _FIELDS:
        value = getattr(options, name)
        if not (value.isascii() and value.isprintable() and value == value.strip()):
            found.append(f"{name}: expected printable ASCII without blanks around it, got {value!r}")
    for index, text in enumerate(options.remove):
        if not text or not _TOKEN.issuperset(text.lower()):
            found.append(f"remove[{index}]: {text!r} is no field name")
    return found


KIND: Final = Kind(build, describe, lambda options: _problems_of(read(options, Options)), shared=True)
