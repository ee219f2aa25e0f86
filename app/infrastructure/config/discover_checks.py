"""What `discover` of a service must be beyond the shape of its fields. Not for finding targets."""

import re
from collections.abc import Sized
from typing import Final

from app.domain.entities.discovery import Discover
from app.infrastructure.config.field_checks import host_problem
from app.infrastructure.config.field_path import Found

KINDS: Final = ("consul", "dns", "srv")

_SERVICE: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_DATACENTER: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def targets_problems(targets: Sized, discover: Discover | None) -> list[Found]:
    """A service has its targets from one place."""
    if discover is None:
        return [] if len(targets) else [(("targets",), "expected at least one target, or discover in place of targets")]
    if len(targets):
        return [(("discover",), "a service has either targets or discover, not both")]
    return [(("discover", *path), reason) for path, reason in discover_problems(discover)]


def discover_problems(discover: Discover) -> list[Found]:
    """Everything wrong with `discover`, each with its place inside."""
    named = [kind for kind in KINDS if getattr(discover, kind)]
    if len(named) != 1:
        given = " and ".join(named) or "none"
        return [((), f"expected one of consul, dns and srv, got {given}")]
    kind = named[0]
    return _name_problems(kind, getattr(discover, kind)) + _other_problems(kind, discover)


def _name_problems(kind: str, name: str) -> list[Found]:
    if kind == "consul":
        good = _SERVICE.fullmatch(name)
        return [] if good else [((kind,), f"expected the name of a service, such as users, got {name!r}")]
    reason = host_problem(name)
    if not reason and name.startswith("["):
        reason = "an address needs no discovery: write it as a target"
    if not reason and all(part.isdigit() for part in name.split(".")):
        reason = "an address needs no discovery: write it as a target"
    return [((kind,), f"expected a name, such as users.default.svc, got {name!r}: {reason}")] if reason else []


def _other_problems(kind: str, discover: Discover) -> list[Found]:
    found: list[Found] = []
    if kind == "dns" and not discover.port:
        found.append((("port",), "is missing: addresses have no port of their own (srv records have)"))
    if kind != "dns" and discover.port:
        found.append((("port",), f"goes with dns only: {kind} gives the ports itself"))
    if kind != "consul":
        extra = [name for name in ("tag", "datacenter") if getattr(discover, name)]
        extra += [] if discover.passing_only else ["passing_only"]
        found += [((name,), "goes with consul only") for name in extra]
    if discover.datacenter and not _DATACENTER.fullmatch(discover.datacenter):
        found.append((("datacenter",), f"expected letters, digits, - and _, got {discover.datacenter!r}"))
    return found
