"""What a service must be beyond the shape of its fields. Not for what its targets do at run time."""

import re
from typing import Final

from app.domain.entities.service import Isolation, Service, UpstreamTls
from app.infrastructure.config.discover_checks import targets_problems
from app.infrastructure.config.field_checks import field_names, files, host_problem, origin_problem, positive
from app.infrastructure.config.field_path import Found

SHORTEST_SECRET: Final = 32
"""Bytes: a key of HMAC-SHA256 should not be shorter than what it gives (RFC 2104 section 3)."""
_KEY_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def service_problems(service: Service) -> list[Found]:
    """Everything wrong with a service, each with its place inside."""
    found = targets_problems(service.targets, service.discover)
    for index, target in enumerate(service.targets):
        reason = origin_problem(target.url)
        if reason:
            found.append((("targets", index, "url"), reason))
    limits = [("timeouts", step, getattr(service.timeouts, step)) for step in ("connect", "response", "idle")]
    limits += [("limits", "head", service.limits.head)]
    return found + positive(limits) + _tls_problems(service.tls) + _isolation_problems(service.isolation)


def _isolation_problems(isolation: Isolation | None) -> list[Found]:
    if isolation is None:
        return []
    found: list[Found] = []
    if len(isolation.sign_with.encode()) < SHORTEST_SECRET:
        found.append((("isolation", "sign_with"), f"expected a secret of {SHORTEST_SECRET} bytes at least"))
    if not _KEY_ID.fullmatch(isolation.key_id):
        found.append((("isolation", "key_id"), "expected 1 to 64 letters, digits or any of . _ : -"))
    return found + field_names(dict.fromkeys(isolation.fields, ""), ("isolation", "fields"))


def _tls_problems(tls: UpstreamTls) -> list[Found]:
    found: list[Found] = []
    if tls.cert and not tls.key:
        found.append((("tls", "key"), "a certificate needs its key"))
    if tls.key and not tls.cert:
        found.append((("tls", "cert"), "a key needs its certificate"))
    if tls.server_name:
        reason = host_problem(tls.server_name)
        if reason:
            found.append((("tls", "server_name"), reason))
    return found + files([(("tls", name), getattr(tls, name)) for name in ("ca", "cert", "key")])
