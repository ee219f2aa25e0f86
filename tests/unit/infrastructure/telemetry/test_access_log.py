"""From an exchange to a line."""

import json
from pathlib import Path

from app.domain.entities.exchange import Exchange
from app.domain.entities.request import Client, Request
from app.infrastructure.telemetry.access_log import BatchedAccessLog
from app.infrastructure.telemetry.redaction import Redactor
from app.infrastructure.telemetry.sinks import FileSink


class Heard:
    """Keeps events."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []

    def info(self, message: str, **fields: object) -> None:
        self.events.append((message, fields))

    warning = error = info


def exchange(query: str = "", client: Client | None = None, **fields: bytes) -> Exchange:
    headers = [(name.replace("_", "-").encode(), value) for name, value in fields.items()]
    request = Request(
        method="POST", scheme="https", authority="a.example:8443", host="a.example", path="/x", query=query,
        headers=headers, fields=dict(headers), client=client or Client("203.0.113.7", "203.0.113.7"), version="2",
    )  # fmt: skip
    made = Exchange("id-1", request, 100.0, b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-00")
    made.revision, made.consumer, made.target, made.attempts = 4, "mobile", "10.0.0.9:80", 2
    made.upstream_duration = 0.0112345678
    made.error, made.error_source = "upstream_reset", "upstream"
    made.error_detail = "the target closed the connection"
    return made


def written(path: Path, *exchanges: Exchange, style: str = "json", wall: float = 1704164645.678) -> list[str]:
    events = Heard()
    log = BatchedAccessLog(FileSink(str(path)), "text" if style == "text" else "json", Redactor(), events, lambda: wall)
    for each in exchanges:
        log.record(each, 502, 116, 7, 100.0125)
    log.close()
    assert log.lost == 0
    assert events.events == []
    return path.read_text().splitlines()


def test_a_record_holds_the_exchange(tmp_path: Path) -> None:
    seen = exchange("q=1", user_agent=b"curl/8", referer=b"https://b.example/?token=s")
    [line] = written(tmp_path / "log", seen)
    assert json.loads(line) == {
        "time": "2024-01-02T03:04:05.678Z", "client": "203.0.113.7", "method": "POST", "host": "a.example:8443",
        "path": "/x?q=1", "version": "2", "status": 502, "duration": 0.0125, "bytes_sent": 116, "bytes_received": 7,
        "request_id": "id-1", "trace_id": "a" * 32, "revision": 4, "consumer": "mobile", "target": "10.0.0.9:80",
        "attempts": 2, "upstream_duration": 0.011234, "error": "upstream_reset", "error_source": "upstream",
        "error_detail": "the target closed the connection", "user_agent": "curl/8", "referer": "https://b.example/?token=REDACTED",
    }  # fmt: skip


def test_credentials_are_redacted(tmp_path: Path) -> None:
    [line] = written(tmp_path / "log", exchange("a=1&access_token=s3cret"))
    assert "s3cret" not in line
    assert json.loads(line)["path"] == "/x?a=1&access_token=REDACTED"


def test_the_peer_is_named_when_a_proxy_told_the_client(tmp_path: Path) -> None:
    [line] = written(tmp_path / "log", exchange(client=Client("203.0.113.7", "10.0.0.1", 1, True)))
    assert json.loads(line)["peer"] == "10.0.0.1"


def test_bytes_from_clients_do_no_harm(tmp_path: Path) -> None:
    [line] = written(tmp_path / "log", exchange(user_agent=b"\xff\x1b[2J\n{}", referer=b"\x00"))
    assert json.loads(line)["user_agent"] == "\\xff\\x1b[2J\\x0a{}"
    assert json.loads(line)["referer"] == "\\x00"


def test_text(tmp_path: Path) -> None:
    [line] = written(tmp_path / "log", exchange(), style="text")
    assert line.startswith("2024-01-02T03:04:05.678Z 203.0.113.7 POST a.example:8443/x HTTP/2 502 12.500ms sent=116")


def test_what_changes_after_recording_is_not_seen(tmp_path: Path) -> None:
    log = BatchedAccessLog(FileSink(str(tmp_path / "log")), "json", Redactor(), Heard(), lambda: 0.0)
    seen = exchange()
    log.record(seen, 200, 0, 0, 101.0)
    seen.target = "later"
    log.close()
    assert json.loads((tmp_path / "log").read_text())["target"] == "10.0.0.9:80"


def test_a_record_that_cannot_be_written_is_lost_and_ends_nothing(tmp_path: Path) -> None:
    log = BatchedAccessLog(FileSink(str(tmp_path / "log")), "json", Redactor(), Heard(), lambda: 0.0)
    broken = exchange()
    broken.consumer = "\ud800"
    log.record(broken, 200, 0, 0, 101.0)
    log.record(exchange(), 200, 0, 0, 101.0)
    log.close()
    assert log.lost == 1
    assert len((tmp_path / "log").read_text().splitlines()) == 1


def test_losses_become_an_event(tmp_path: Path) -> None:
    events = Heard()
    log = BatchedAccessLog(FileSink(str(tmp_path / "log")), "json", Redactor(), events, lambda: 0.0)
    log._writer._capacity = 0
    log.record(exchange(), 200, 0, 0, 101.0)
    assert log.lost == 1
    log._writer._report()
    assert [fields for _, fields in events.events] == [{"lost": 1}]
    log.close()
