"""Request ids and trace context: what is kept, what is made."""

import os
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies.identifiers import Identifiers, is_traceparent

NOW = 1_700_000_000.123
VALID = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def identifiers() -> Identifiers:
    return Identifiers(lambda: NOW, os.urandom)


@pytest.mark.parametrize("value", [b"a", b"A-b_c.9", b"x" * 128, b"0190a6c5-7a3b-7cc0-8a4b-1f2e3d4c5b6a"])
def test_a_sane_id_is_kept(identifiers: Identifiers, value: bytes) -> None:
    assert identifiers.request_id(value) == value.decode()


@pytest.mark.parametrize("value", [None, b"", b"x" * 129, b"a b", b"a\r\nb", b"a\x1b[31m", b"\xc3\xa9", b'a"b', b"a/b"])
def test_anything_else_gets_a_new_one(identifiers: Identifiers, value: bytes | None) -> None:
    assert uuid.UUID(identifiers.request_id(value)).version == 7


def test_new_ids_are_uuids_of_version_7(identifiers: Identifiers) -> None:
    made = [identifiers.request_id(None) for _ in range(1000)]
    assert len(set(made)) == 1000
    for text in made:
        parsed = uuid.UUID(text)
        assert str(parsed) == text
        assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
        assert parsed.int >> 80 == 1_700_000_000_123


def test_ids_follow_the_clock() -> None:
    times = iter([1.0, 1.25, 2.0])
    identifiers = Identifiers(lambda: next(times), os.urandom)
    made = [identifiers.request_id(None) for _ in range(3)]
    assert made == sorted(made)
    assert [uuid.UUID(text).int >> 80 for text in made] == [1000, 1250, 2000]


def test_no_random_bytes_are_drawn_before_they_are_needed() -> None:
    drawn: list[int] = []

    def entropy(count: int) -> bytes:
        drawn.append(count)
        return os.urandom(count)

    identifiers = Identifiers(lambda: NOW, entropy)
    assert drawn == []
    identifiers.request_id(None)
    assert len(drawn) == 1


@pytest.mark.parametrize(
    "value", [VALID, VALID[:-2] + b"00", b"cc" + VALID[2:], b"01" + VALID[2:] + b"-what-comes-later"]
)
def test_a_valid_trace_context_passes_unchanged(identifiers: Identifiers, value: bytes) -> None:
    assert identifiers.traceparent(value) is value


@pytest.mark.parametrize(
    "value",
    [
        b"", b"00", VALID[:-1], VALID + b"-x", VALID + b"0", b"ff" + VALID[2:], VALID.upper(),
        b"01" + VALID[2:] + b"x", b"01" + VALID[2:] + b"-" + b"x" * 300,
        VALID.replace(b"4bf92f3577b34da6a3ce929d0e0e4736", b"0" * 32), VALID.replace(b"00f067aa0ba902b7", b"0" * 16),
        VALID.replace(b"4bf9", b"4bg9"), b"000" + VALID[2:35] + b"-" + VALID[37:], VALID[:2] + b"_" + VALID[3:],
        b"00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
    ],
)  # fmt: skip
def test_a_broken_one_is_replaced(identifiers: Identifiers, value: bytes) -> None:
    made = identifiers.traceparent(value)
    assert made != value
    assert is_traceparent(made)


def test_new_trace_contexts_are_not_sampled_and_differ(identifiers: Identifiers) -> None:
    made = [identifiers.traceparent(None) for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(re.fullmatch(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-00", value) for value in made)


@given(st.one_of(st.binary(max_size=70), st.from_regex(rb"\A[0-9a-f-]{50,60}\Z")))
def test_version_00_is_what_the_specification_says(value: bytes) -> None:
    grammar = re.fullmatch(
        rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?", value, re.S
    )
    allowed = grammar is not None and (grammar[1] is None or value[:2] != b"00")
    assert is_traceparent(value) == allowed
