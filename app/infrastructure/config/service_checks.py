"""What a service must be beyond the shape of its fields. Not for what its targets do at run time."""

from app.domain.entities.service import Service, UpstreamTls
from app.infrastructure.config.discover_checks import targets_problems
from app.infrastructure.config.field_checks import files, host_problem, origin_problem, positive
from app.infrastructure.config.field_path import Found


def service_problems(service: Service) -> list[Found]:
    """Everything wrong with a service, each with its place inside."""
    found = targets_problems(service.targets, service.discover)
    for index, target in enumerate(service.targets):
        reason = origin_problem(target.url)
        if reason:
            found.append((("targets", index, "url"), reason))
    limits = [("timeouts", step, getattr(service.timeouts, step)) for step in ("connect", "response", "idle")]
    limits += [("limits", "head", service.limits.head)]
    return found + positive(limits) + _tls_problems(service.tls)


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
