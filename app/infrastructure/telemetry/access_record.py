"""One line of the access log: what it holds and how it looks, as JSON or as text. Not for when it is written."""

import msgspec

from app.infrastructure.telemetry.plain_text import LONGEST, printable

LONGEST_LINE = 4096
"""Bytes; a pipe takes as much in one piece, so that lines of several workers do not mix."""


class AccessRecord(msgspec.Struct, omit_defaults=True, gc=False):
    """A finished exchange. Durations are seconds; what does not apply is left out of JSON."""

    time: str
    """When the exchange ended, RFC 3339 in UTC."""
    client: str
    method: str
    host: str
    path: str
    """The canonical path and the query, credentials redacted."""
    version: str
    status: int
    duration: float
    bytes_sent: int
    bytes_received: int
    """Body bytes to and from the client."""
    request_id: str
    trace_id: str = ""
    revision: int = 0
    peer: str = ""
    """The socket's peer, when a trusted proxy told another client."""
    route: str = ""
    consumer: str = ""
    target: str = ""
    attempts: int = 0
    upstream_duration: float = 0.0
    error: str = ""
    error_source: str = ""
    error_detail: str = ""
    """What happened, in words; the client was told only what concerns it."""
    shadowed: str = ""
    """Name of the limit in shadow mode that would have refused it."""
    user_agent: str = ""
    referer: str = ""

    def clean(self, longest: int) -> None:
        """Make what the client or the target chose safe to print, at most `longest` characters each."""
        self.method = printable(self.method, longest)
        self.host = printable(self.host, longest)
        self.path = printable(self.path, longest)
        self.consumer = printable(self.consumer, longest)
        self.error_detail = printable(self.error_detail, longest)
        self.user_agent = printable(self.user_agent, longest)
        self.referer = printable(self.referer, longest)


_encode = msgspec.json.Encoder().encode


def json_line(record: AccessRecord) -> bytes:
    """One JSON object and a line end, at most 4 KiB."""
    line = _encode(record)
    # What is short and needed no escape needs no cleaning either: the usual line is done here.
    if len(line) > LONGEST or not line.isascii() or b"\\" in line or b"\x7f" in line:
        record.clean(LONGEST)
        line = _encode(record)
        if len(line) >= LONGEST_LINE:
            record.clean(LONGEST // 8)
            line = _encode(record)
    return line + b"\n"


def text_line(record: AccessRecord) -> bytes:
    """One readable line, at most 4 KiB: the fixed part, then `name=value` for what applies."""
    record.clean(LONGEST)
    line = _text(record)
    if len(line) > LONGEST_LINE:
        record.clean(LONGEST // 8)
        line = _text(record)
    return line


def _text(record: AccessRecord) -> bytes:
    words = [
        f"{record.time} {record.client} {record.method} {record.host}{record.path} HTTP/{record.version}"
        f" {record.status} {record.duration * 1000:.3f}ms sent={record.bytes_sent} received={record.bytes_received}"
    ]
    for name in ("peer", "route", "consumer", "target", "attempts", "shadowed"):
        value = getattr(record, name)
        if value:
            words.append(f"{name}={_word(value)}")
    if record.upstream_duration:
        words.append(f"upstream={record.upstream_duration * 1000:.3f}ms")
    if record.error:
        words.append(f"error={record.error} source={record.error_source}")
    words.append(f"id={record.request_id}")
    for name, value in (("detail", record.error_detail), ("agent", record.user_agent), ("referer", record.referer)):
        if value:
            words.append(f"{name}={msgspec.json.encode(value).decode()}")
    return (" ".join(words) + "\n").encode()


def _word(value: str | int) -> str:
    """A value that is one word; the subject of a token may be anything."""
    text = str(value)
    return msgspec.json.encode(text).decode() if " " in text or '"' in text else text
