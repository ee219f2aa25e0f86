"""What a backend saw: one request, as it read it. And what must be true of each, whatever the client wrote."""

import re
from typing import Final, NamedTuple

MARK: Final = b"x-fuzz-mark"
"""The field that the gateway is configured to set, in the place of any that a client sends."""
SOURCE: Final = b"x-real-ip"
"""The field in which the gateway tells where a request came from, in the place of any that a client sends."""
SAW: Final = b"x-saw"
"""The field in which a backend says which request it answers."""

_NAME: Final = rb"[!#$%&'*+.^`|~0-9a-z-]+"
_LINE: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ (?:/[\x21-\x22\x24-\x7e]*|\*) HTTP/1\.1"
_HEAD: Final = re.compile(rb"%b\r\n(?:%b: [\t\x20-\x7e\x80-\xff]*\r\n)+\r\n" % (_LINE, _NAME))
_ONCE: Final = (b"host", MARK, SOURCE, b"x-request-id")
_LENGTH: Final = re.compile(rb"0|[1-9][0-9]{0,18}")


class Sighting(NamedTuple):
    """A request that a backend read."""

    method: bytes
    target: bytes
    source: str
    """What the field SOURCE says; empty when it is missing."""
    mark: bytes | None
    """What the field MARK says; None when the backend does not tell."""
    head: bytes = b""
    """As it came, or what the backend tells of it."""
    body: bytes | None = b""
    """None when the backend does not tell."""
    complete: bool = True
    problem: str = ""
    """What is wrong with the bytes by themselves."""


class Framed(NamedTuple):
    """What a head says of the body."""

    length: int
    chunked: bool


def fields_of(head: bytes) -> dict[bytes, list[bytes]]:
    """Every field of a head whose lines end in CR LF."""
    fields: dict[bytes, list[bytes]] = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        fields.setdefault(name.lower(), []).append(value.strip(b" \t"))
    return fields


def head_problem(head: bytes) -> str:
    """What in a head could be read in two ways, or is not as the gateway writes; empty when nothing is.

    A head without such doubt is the same to a strict parser and to a lenient one, so that no second reading is needed.
    """
    if not _HEAD.fullmatch(head):
        return "the head breaks the plain form"
    fields = fields_of(head)
    for name in _ONCE:
        if len(fields.get(name, ())) != 1:
            return f"{len(fields.get(name, ()))} fields {name.decode()}"
    codings, lengths = fields.get(b"transfer-encoding", []), fields.get(b"content-length", [])
    if len(codings) + len(lengths) > 1:
        return "more than one framing field"
    if codings not in ([], [b"chunked"]):
        return f"transfer-encoding {codings[0]!r}"
    if lengths and not _LENGTH.fullmatch(lengths[0]):
        return f"content-length {lengths[0]!r}"
    return ""


def framed(head: bytes) -> Framed:
    """The framing of a head without problem."""
    fields = fields_of(head)
    return Framed(int(fields.get(b"content-length", [b"0"])[0]), b"transfer-encoding" in fields)


def sighting(head: bytes, body: bytes, *, complete: bool, problem: str = "") -> Sighting:
    """From the bytes of a request."""
    method, _, rest = head.partition(b" ")
    fields = fields_of(head)
    where = fields.get(SOURCE, [b""])[0].decode("latin-1")
    return Sighting(method, rest.partition(b" ")[0], where, fields.get(MARK, [b""])[0], head, body, complete, problem)
