"""Where the access log goes: nowhere, standard output or a file, as the setting says. Not for what is written."""

from typing import Final

from app.domain.ports import AccessLog, Clock, Events
from app.infrastructure.telemetry.access_log import BatchedAccessLog
from app.infrastructure.telemetry.logging import LogFormat
from app.infrastructure.telemetry.no_access_log import NoAccessLog
from app.infrastructure.telemetry.redaction import Redactor
from app.infrastructure.telemetry.sinks import open_sink

OFF: Final = "off"


def open_access_log(where: str, style: LogFormat, redactor: Redactor, events: Events, wall: Clock) -> AccessLog:
    """The access log at `where`: `off`, `-` for standard output, or a file. Raises OSError."""
    return NoAccessLog() if where == OFF else BatchedAccessLog(open_sink(where), style, redactor, events, wall)


def problem_of(where: str) -> str:
    """Why the access log cannot be at `where`, as a line for the operator; empty when it can. A file is made."""
    if where == OFF:
        return ""
    try:
        open_sink(where).close()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return f"access log {'standard output' if where == '-' else where} cannot be opened: {reason}"
    return ""
