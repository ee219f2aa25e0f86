"""Process settings between text and value. Not for which settings there are."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple, get_args, get_origin

import msgspec

from app.domain.entities.units import Duration, Rate, Size
from app.domain.policies.addresses import AddressSet
from app.domain.policies.via import Via
from app.infrastructure.config.control_settings import OFF, SECRETS
from app.infrastructure.config.field_checks import host_problem
from app.infrastructure.config.secrets import Secret
from app.infrastructure.config.units_codec import from_text
from app.infrastructure.config.wording import mismatch, one_of, shown

NONE: Final = "none"
"""An empty list; text that is empty means the default."""

NO_RATE: Final = Rate(0, "s")
"""A rate that is `off`."""

_PASSWORD: Final = re.compile(r"(//[^/@:]*):[^@/]*@")
_SECRET_PARTS: Final = {"webhook_notify": re.compile(r"(?<=[^/:])/.*"), "webhook_sources": re.compile(r"\?.*")}
_WORDS: Final = {
    "on": True,
    "true": True,
    "yes": True,
    "1": True,
    "off": False,
    "false": False,
    "no": False,
    "0": False,
}


class Description(NamedTuple):
    """One setting, for people."""

    name: str
    value: str
    source: str
    """`default`, `environment` (the variable), or `option`."""
    help: str
    variable: str


def read(annotation: Any, text: str) -> object:
    """The value that `text` writes. Raises ValueError that says what is expected."""
    if get_origin(annotation) is Literal:
        choice = text.lower()
        if choice not in get_args(annotation):
            raise ValueError(one_of(get_args(annotation), text))
        return choice
    if get_origin(annotation) is tuple:
        return _list(text)
    if annotation is bool:
        if text.lower() not in _WORDS:
            raise ValueError(f"expected on or off, got {shown(text)}")
        return _WORDS[text.lower()]
    if annotation is Rate and text.lower() == OFF:
        return NO_RATE
    if annotation in (Duration, Size, Rate):
        return from_text(annotation, text)
    return text if annotation is str else _number(annotation, text)


def write(value: object) -> str:
    """The other way round."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return ",".join(str(part) for part in value) or NONE
    if isinstance(value, Secret):
        return value.reference
    return OFF if value == NO_RATE else f"{value!s}"


def shown_value(name: str, value: object) -> str:
    """What people see: no secrets, no passwords."""
    if name in SECRETS:
        return "(secret)" if value else ""
    if name in ("webhook_notify", "webhook_sources") and isinstance(value, tuple):
        # Receivers such as chats have their secret in the path, sources in the query.
        value = tuple(_SECRET_PARTS[name].sub("…", url) for url in value)
    return _PASSWORD.sub(r"\1:***@", write(value)) if name in ("store", "limit_store") else write(value)


def check_optional_listen(value: Any) -> None:
    """As `check_listen`, or `off`."""
    if value != OFF:
        check_listen(value)


def check_listen(value: Any) -> None:
    """`host:port`, `[v6]:port` or `:port`; port 0 lets the system choose. Raises ValueError."""
    host, colon, port = value.rpartition(":")
    good = colon and port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535
    if not good or (host and host_problem(host)):
        raise ValueError(f"expected host:port, such as 127.0.0.1:8000 or [::1]:8000, got {shown(value)}")


def check_networks(value: Any) -> None:
    """Raises ValueError that names the first text that is neither address nor network."""
    AddressSet(value)


def check_via(value: Any) -> None:
    """Raises ValueError for what is no name for Via."""
    Via(value)


def check_positive(value: Any) -> None:
    """Raises ValueError for a limit that nothing could keep."""
    if value <= 0:
        raise ValueError(f"expected more than 0, got {write(value)}")


CHECKS: Final[Mapping[str, Callable[[Any], None]]] = {
    "listen": check_listen,
    "admin_listen": check_optional_listen,
    "grpc_listen": check_optional_listen,
    "upstream_allow": check_networks,
    "upstream_deny": check_networks,
    "trusted_proxies": check_networks,
    "status_allow": check_networks,
    "client_exempt": check_networks,
    "via": check_via,
    **dict.fromkeys(("max_config", "max_head", "max_target", "max_message", "webhook_max"), check_positive),
    **dict.fromkeys(("head_timeout", "body_idle", "write_idle", "dns_max_ttl", "webhook_timeout"), check_positive),
}
"""Setting to what is checked beyond its type."""


def _list(text: str) -> tuple[str, ...]:
    if text.strip().lower() == NONE:
        return ()
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _number(annotation: Any, text: str) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 18):
        raise ValueError(f"expected a whole number, got {shown(text)}")
    try:
        return int(msgspec.convert(int(plain), annotation))
    except msgspec.ValidationError as error:
        raise ValueError(mismatch(str(error), int(plain))) from None
