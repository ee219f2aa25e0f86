"""Reads what a client was answered, strictly (RFC 9112): its own reader, for answers that may break off."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from tests.fuzz.chunks import read_chunks
from tests.fuzz.sighting import SAW, fields_of
from tests.fuzz.tokens import tokens_in

_HEAD: Final = re.compile(
    rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [\t\x20-\x7e]*)?\r\n"
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n"
)
_BODILESS: Final = (204, 304)


class Answer(NamedTuple):
    """A final answer."""

    status: int
    by_backend: bool
    saw: list[bytes]
    """The tokens in the target that the backend says it answers."""
    complete: bool


class Said(NamedTuple):
    """All answers of a connection."""

    answers: list[Answer]
    switched: bool
    """Whether a 101 ends them."""
    problem: str
    """What breaks the syntax."""


def read_answers(data: bytes, methods: Sequence[bytes], *, closed: bool) -> Said:
    """The answers in `data`, to requests with `methods`; those after them are taken for answers to something else."""
    answers: list[Answer] = []
    at = 0
    while at < len(data):
        end = data.find(b"\r\n\r\n", at) + 4
        if end < 4:
            return Said(answers, False, f"half a head: {data[at : at + 80]!r}" if closed else "")
        head = _HEAD.fullmatch(data, at, end)
        if head is None:
            return Said(answers, False, f"no answer: {data[at : at + 80]!r}")
        status = int(head[1])
        if status == 101:
            return Said(answers, True, "")
        at = end
        if status < 200:
            continue
        fields = fields_of(head[0])
        method = methods[len(answers)] if len(answers) < len(methods) else b""
        at, complete, problem = _body(data, end, fields, bodiless=method == b"HEAD" or status in _BODILESS)
        saw = fields.get(SAW, [])
        answers.append(Answer(status, bool(saw), tokens_in(b" ".join(saw)), complete))
        if problem:
            return Said(answers, False, problem)
        if not complete:
            break
    return Said(answers, False, "")


def _body(data: bytes, at: int, fields: dict[bytes, list[bytes]], *, bodiless: bool) -> tuple[int, bool, str]:
    """Where the answer ends, whether it is whole, and what is wrong with it."""
    lengths, codings = fields.get(b"content-length", []), fields.get(b"transfer-encoding", [])
    if len(lengths) + len(codings) > 1:
        return at, False, "an answer with more than one framing field"
    if bodiless:
        return at, True, ""
    if codings:
        _, end, complete = read_chunks(data, at, lf=False, cr=False)
        return end, complete, "" if codings == [b"chunked"] else f"an answer in {codings[0]!r}"
    if not lengths:
        return len(data), True, ""
    end = at + int(lengths[0])
    return min(end, len(data)), end <= len(data), ""
