"""Hostile credentials: genuine ones that were altered, and made-up ones. Not for how they are sent."""

import base64
from typing import Any, Final

from http_sfv.dictionary import Dictionary
from hypothesis import strategies as st

from app.domain.entities.headers import Headers
from app.domain.policies.http_signatures import RequestView
from tests.credentials import KEY, PASSWORD, signed

CREATED: Final = 1_800_000_000
GENUINE: Final = RequestView("GET", "http", "test", "/signed", "", [])
_SIGNED: Final = dict(signed(GENUINE, CREATED, alg="hmac-sha256"))
_PIECES: Final = [
    b"", b" ", b"\t", b",", b", ", b";", b"=", b"?1", b"(", b")", b'"', b"\\", b":", b"::", b"%00", b"\x00", b"\xff",
    b"\x80",
    b'";sf', b';alg="none"', b";created=1", b";created=99999999999999999999", b";expires=-1", b'"@path"', b'"@status"',
    b'"@query-param";name="x"', b"sig1=", b"sig2=()", b"sig1=:AA==:", b"Basic ", b"Bearer ", b"A" * 300, b"(" * 200,
    b"=" * 9, "é".encode(), b"\r", b"\n", b"\x7f",
]  # fmt: skip


@st.composite
def altered(draw: st.DrawFn, genuine: bytes) -> bytes:
    """A few edits: pieces put in, parts left out, doubled, or in the other case."""
    value = genuine
    for _ in range(draw(st.integers(0, 4))):
        start, end = sorted((draw(st.integers(0, len(value))), draw(st.integers(0, len(value)))))
        part = value[start:end]
        new = draw(st.sampled_from([*_PIECES, part + part, part.swapcase(), part[::-1]]) | st.binary(max_size=6))
        value = value[:start] + new + (value[end:] if draw(st.booleans()) else value[start:])
    return value


def keys() -> st.SearchStrategy[bytes]:
    """Values of a field with an API key."""
    return altered(KEY.encode()) | st.binary(max_size=300)


def is_key(value: bytes) -> bool:
    """Whether it is the genuine one."""
    return value == KEY.encode()


def passwords() -> st.SearchStrategy[bytes]:
    """Values of Authorization."""
    pair = altered(f"jo:{PASSWORD}".encode()).map(lambda text: b"Basic " + base64.b64encode(text))
    return pair | altered(b"Basic " + base64.b64encode(f"jo:{PASSWORD}".encode())) | st.binary(max_size=80)


def is_password(value: bytes) -> bool:
    """Whether it says the genuine pair."""
    scheme, _, rest = value.strip().partition(b" ")
    return scheme.lower() == b"basic" and base64.b64decode(rest.strip()) == f"jo:{PASSWORD}".encode()


def signatures() -> st.SearchStrategy[Headers]:
    """Signature-Input and Signature of a genuine request."""
    return st.tuples(*(st.tuples(st.just(name), altered(value)) for name, value in _SIGNED.items())).map(list)


def is_signature(fields: Headers) -> bool:
    """Whether they say the same as the genuine ones, as an independent parser reads them: of label `sig1`, or of
    another one that was given to all of it."""
    found, genuine = [_parsed(dict(one)) for one in (fields, list(_SIGNED.items()))]
    return any(one in genuine for one in found)


def requests() -> st.SearchStrategy[RequestView]:
    """Requests that are none of those that were signed."""
    changes: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {},
        optional={
            "method": st.sampled_from(["POST", "get", "G", ""]),
            "path": st.from_regex(r"/[ -~]{0,12}", fullmatch=True),
            "query": st.from_regex(r"[!-~]{0,12}", fullmatch=True),
            "authority": st.sampled_from(["test:80", "test.", "TEST", "evil"]),
        },
    )
    return changes.map(lambda change: GENUINE._replace(**change)).filter(lambda view: view != GENUINE)


def genuine_signature() -> Headers:
    """The two fields as they were made."""
    return list(_SIGNED.items())


def _parsed(fields: dict[bytes, bytes]) -> list[tuple[str, bytes]]:
    described: Any = Dictionary()
    values: Any = Dictionary()
    described.parse(fields[b"signature-input"])
    values.parse(fields[b"signature"])
    return [(str(described[name]), values[name].value) for name in described if name in values]
