"""What a webhook's message asks for. Not for whether it may: signature, age and source are judged elsewhere."""

import math
from typing import Any
from urllib.parse import parse_qs

import msgspec


class Wanted(msgspec.Struct, frozen=True):
    """What stands in a message; a message of GitHub's or GitLab's own has none of it."""

    config: dict[str, Any] | None = None
    """The configuration itself."""
    source: str = ""
    """URL of the configuration."""
    timestamp: float = 0.0
    """Seconds since 1970 at which it was written; 0 when it does not say."""

    @property
    def own(self) -> bool:
        """Whether it says what is to become live, so that the same message again would bring back the past."""
        return self.config is not None or bool(self.source)


def wanted(content_type: str, body: bytes) -> Wanted:
    """What `body` asks for: JSON, or a form with JSON in `payload`, as GitHub sends it by default.

    Raises ValueError with the reason.
    """
    value = _value(_json_of(content_type, body))
    config, source, timestamp = value.get("config"), value.get("source"), value.get("timestamp", 0)
    if config is not None and not isinstance(config, dict):
        raise ValueError("config: expected an object with routes, services and other sections")
    if source is not None and not isinstance(source, str):
        raise ValueError("source: expected a URL")
    if config is not None and source:
        raise ValueError("expected config or source, not both")
    return Wanted(config, source or "", _seconds(timestamp))


def _json_of(content_type: str, body: bytes) -> bytes:
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return body
    try:
        fields = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=10)
    except ValueError:
        raise ValueError("the body is not the form that its content type says") from None
    return fields.get("payload", [""])[0].encode()


def _value(data: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"the body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError("expected a JSON object")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
        return float(value)
    raise ValueError("timestamp: expected seconds since 1970")
