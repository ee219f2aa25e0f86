"""Judges what became of a stream: what the backend saw and the client was answered, against how the stream reads.

The invariant (G-03): a backend sees no request that was not sent as one. Everything here is pure.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from tests.fuzz.answers import Answer, Said, read_answers
from tests.fuzz.reading import Manners, Meant, Reading, read
from tests.fuzz.sighting import Sighting
from tests.fuzz.stream import Stream
from tests.fuzz.tokens import tokens_in

_OWN_ERRORS: Final = (501, 505)
"""Answers from 500 on that say something of the request. Any other says that the gateway, or the backend, failed."""

_NOT_PATH: Final = re.compile(rb"^[A-Za-z]+://[^/?#]*|#.*$")


class Outcome(NamedTuple):
    """What became of a stream."""

    sightings: Sequence[Sighting]
    """In the order in which the backend saw them."""
    answered: bytes
    closed: bool
    """Whether the gateway ended the connection."""


class Verdict(NamedTuple):
    """What is wrong, in words; and what the first answer was, for the statistics."""

    findings: list[str]
    answers: list[Answer]


def judge(stream: Stream, outcome: Outcome, manners: Manners, mark: bytes) -> Verdict:
    """Everything that is wrong."""
    reading = read(stream.data, manners)
    said = read_answers(outcome.answered, [meant.methods[0] for meant in reading.requests], closed=outcome.closed)
    findings = [problem for seen in outcome.sightings for problem in sighting_problems(seen, mark)]
    findings += not_sent(outcome.sightings, reading.requests)
    findings += answer_problems(said, reading)
    if stream.patient and not outcome.closed and not reading.opaque:
        findings.append("hang: the gateway neither ended the connection nor was the client told to go")
    return Verdict(findings, said.answers)


def sighting_problems(seen: Sighting, mark: bytes) -> list[str]:
    """What is wrong with a request by itself, whoever sent it."""
    findings = []
    if seen.mark is not None and seen.mark != mark:
        findings.append(f"smuggled: the backend saw {seen.method!r} {seen.target!r} without the gateway's mark")
    if seen.problem:
        findings.append(f"doubt: the backend was sent {seen.problem}")
    return findings


def not_sent(sightings: Sequence[Sighting], requests: Sequence[Meant]) -> list[str]:
    """Requests that the backend saw and that are not in the stream, or not so often.

    Their order is not looked at: one that is answered early may end after the next has begun on another connection.
    That answers come in the order of the requests is checked where answers are.
    """
    findings = []
    left = list(requests)
    for seen in sightings:
        found = next((meant for meant in left if is_same(seen, meant)), None)
        if found is None:
            findings.append(f"not sent: the backend saw {seen.method!r} {seen.target!r} with body {seen.body!r}")
        else:
            left.remove(found)
    return findings


def is_same(seen: Sighting, meant: Meant) -> bool:
    """Whether a request that the backend saw is one of the stream. The target may have been made canonical."""
    if seen.method not in meant.methods or tokens_in(seen.target) != path_tokens(meant.target):
        return False
    if not set(tokens_in(seen.head)) <= set(tokens_in(meant.head)):
        return False
    if seen.body is None:
        return True
    if seen.complete:
        return meant.complete and seen.body == meant.body
    return meant.body.startswith(seen.body)


def path_tokens(target: bytes) -> list[bytes]:
    """The tokens in path and query: those of an absolute form's authority, and of a fragment, are not forwarded."""
    return tokens_in(_NOT_PATH.sub(b"", target))


def answer_problems(said: Said, reading: Reading) -> list[str]:
    """What is wrong with the answers: their form, their number, and whether each answers the request in its place."""
    if reading.opaque:
        return []
    findings = [f"answer: {said.problem}"] if said.problem else []
    if said.switched:
        findings.append("answer: the gateway switched protocols")
    requests = reading.requests
    most = len(requests) + (0 if requests and requests[-1].last and requests[-1].complete else 1)
    if len(said.answers) > most:
        findings.append(f"answer: {len(said.answers)} of them to {len(requests)} requests")
    for at, answer in enumerate(said.answers):
        if answer.status >= 500 and answer.status not in _OWN_ERRORS:
            findings.append(f"answer: a {answer.status}")
        if answer.by_backend and (at >= len(requests) or answer.saw != path_tokens(requests[at].target)):
            findings.append(f"answer: number {at} is of a request for {answer.saw}")
    return findings
