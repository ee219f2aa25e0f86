"""HTTP/1.1 as far as `consul_server` needs it: requests read, answers written. Not for what they mean."""

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
LONGEST_WAIT = 600.0
USUAL_WAIT = 300.0


@dataclass(frozen=True)
class Question:
    """One request."""

    method: str
    path: str
    """Percent-decoded, without `/v1`."""
    parameters: dict[str, str]
    token: str
    body: bytes


@dataclass(frozen=True)
class Answer:
    """One response. `index` of 0 sends none of the fields about indexes."""

    status: int
    body: bytes = b""
    index: int = 0
    filtered: bool = False


def seconds(text: str) -> float:
    """A parameter `wait`, such as `10s`: five minutes when there is none, ten at most."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", text)
    return min(float(found[1]) * UNITS[found[2]] if found else USUAL_WAIT, LONGEST_WAIT)


async def read(reader: asyncio.StreamReader) -> Question:
    """The next request. Raises IncompleteReadError when the client left."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *fields = head.strip().split("\r\n")
    method, target, _ = line.split(" ")
    named = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    body = await reader.readexactly(int(named.get("content-length", 0)))
    parts = urlsplit(target)
    assert parts.path.startswith("/v1/"), target
    parameters = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    token = named.get("x-consul-token", parameters.get("token", ""))
    return Question(method, unquote(parts.path.removeprefix("/v1")), parameters, token, body)


def render(answer: Answer, leader: bool, zero_index: bool) -> bytes:
    """An answer with the fields that Consul gives."""
    fields = [f"HTTP/1.1 {answer.status} Status", f"Content-Length: {len(answer.body)}"]
    fields.append("Content-Type: application/json")
    if answer.index:
        fields.append(f"X-Consul-Index: {0 if zero_index else answer.index}")
        fields.append(f"X-Consul-Knownleader: {str(leader).lower()}")
        fields.append("X-Consul-Lastcontact: 0")
    if answer.filtered:
        fields.append("X-Consul-Results-Filtered-By-Acls: true")
    return ("\r\n".join(fields) + "\r\n\r\n").encode() + answer.body
