"""The environment variables of settings. Not for what their values mean."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from app.infrastructure.config.wording import suggestion

PREFIX: Final = "GATEWAY_"
DEBUG: Final = "GATEWAY_DEBUG"
"""Set, it shows tracebacks of the command line's own mistakes: for its developers, so that it is no setting."""
OF_COMMANDS: Final = frozenset({DEBUG, "GATEWAY_ADMIN_URL", "GATEWAY_ADMIN_CA"})
"""Variables of commands that ask a running gateway, which the gateway itself has no use for."""

_KUBERNETES: Final = re.compile(r"GATEWAY_(SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP|SCTP)\w*)?)")
"""What Kubernetes sets in every container when a Service is called `gateway`."""


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def unknown_variables(environment: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """A line for each `GATEWAY_*` variable that sets nothing."""
    known = {*OF_COMMANDS, *map(variable, names)}
    return [
        f"{given}: no such setting; {suggestion(given, known - OF_COMMANDS)}"
        for given in sorted(environment)
        if given.startswith(PREFIX) and given not in known and not _KUBERNETES.fullmatch(given)
    ]


def state_dir(environment: Mapping[str, str]) -> str:
    """Where programs keep their state (XDG Base Directory Specification), or `off` where there is no such place."""
    home = environment.get("HOME", "")
    base = environment.get("XDG_STATE_HOME", "") or (f"{home}/.local/state" if home else "")
    return str(Path(base) / "api-gateway") if base else "off"
