"""Events over loguru: one line each on standard error, as JSON or text. Not for requests: `access_log`."""

import sys
from datetime import UTC
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from loguru import logger

from app.infrastructure.telemetry.batch_writer import BatchWriter
from app.infrastructure.telemetry.event_pace import EventPace
from app.infrastructure.telemetry.plain_text import printable
from app.infrastructure.telemetry.sinks import DescriptorSink, Sink

if TYPE_CHECKING:
    from loguru import Message, Record

LogFormat = Literal["json", "text"]
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_LONGEST_MESSAGE: Final = 2048
_MOST_FIELDS: Final = 16


class LoguruEvents:
    """The Events port. A reader of standard error that stops reading costs events, never requests (F-31)."""

    def __init__(self, writer: BatchWriter) -> None:
        self._writer = writer

    def info(self, message: str, **fields: object) -> None:
        """Something happened as it should."""
        logger.bind(**fields).info(message)

    def warning(self, message: str, **fields: object) -> None:
        """Something is not as it should be; traffic goes on."""
        logger.bind(**fields).warning(message)

    def error(self, message: str, **fields: object) -> None:
        """Something failed."""
        logger.bind(**fields).error(message)

    @property
    def lost(self) -> int:
        """Events that nobody will read."""
        return self._writer.lost

    def close(self, timeout: float = 2.0) -> None:
        """Write what is waiting, for at most `timeout` seconds."""
        logger.remove()
        self._writer.close(timeout)


def configure(level: str = "INFO", style: LogFormat = "text", sink: Sink | None = None) -> LoguruEvents:
    """Send events of `level` and above to `sink`, by default standard error, and nowhere else.

    Raises ValueError for a level that does not exist.
    """
    if level.upper() not in LEVELS:
        raise ValueError(f"expected one of {', '.join(LEVELS).lower()} as log level, got {level!r}")
    encode = _as_json if style == "json" else _as_text
    writer: BatchWriter = BatchWriter(sink or DescriptorSink(sys.stderr.fileno()), capacity=2048)

    pace = EventPace()

    def take(message: "Message") -> None:
        record = message.record
        untold = pace.untold(record["message"], record["time"].timestamp())
        if untold is None:
            return
        if untold:
            record["extra"]["untold"] = untold
        writer.put(encode(record))

    logger.remove()
    # Backtraces with values (diagnose) would print requests.
    logger.add(take, level=level.upper(), format="{message}", catch=False, backtrace=False, diagnose=False)
    return LoguruEvents(writer)


def _as_json(record: "Record") -> bytes:
    event = {
        "time": _time(record),
        "level": record["level"].name.lower(),
        "message": printable(record["message"], _LONGEST_MESSAGE),
        **{name: _value(value) for name, value in _fields(record) if name not in ("time", "level", "message")},
    }
    return msgspec.json.encode(event) + b"\n"


def _as_text(record: "Record") -> bytes:
    words = [_time(record), f"{record['level'].name:<7}", printable(record["message"], _LONGEST_MESSAGE)]
    words += [f"{name}={_word(_value(value))}" for name, value in _fields(record)]
    return (" ".join(words) + "\n").encode("utf-8", "backslashreplace")


def _fields(record: "Record") -> list[tuple[str, object]]:
    return list(record["extra"].items())[:_MOST_FIELDS]


def _time(record: "Record") -> str:
    return record["time"].astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _value(value: object) -> str | int | float | None:
    if value is None or isinstance(value, int | float):
        return value
    text = printable(str(value), 256)
    return text.encode("utf-8", "backslashreplace").decode()


def _word(value: str | float | None) -> str:
    if isinstance(value, str) and (not value or any(char in ' "=' for char in value)):
        return msgspec.json.encode(value).decode()
    return str(value)
