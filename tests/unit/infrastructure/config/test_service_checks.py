"""What a service must be beyond its shape."""

from pathlib import Path

import pytest

from app.domain.entities.service import Isolation, Limits, Service, Target, Timeouts, UpstreamTls
from app.domain.entities.units import Duration, Size
from app.infrastructure.config.field_path import Path as FieldPath
from app.infrastructure.config.service_checks import service_problems

TARGETS = (Target("https://a"),)


def test_a_sound_service(tmp_path: Path) -> None:
    pem = tmp_path / "x.pem"
    pem.touch()
    tls = UpstreamTls(ca=str(pem), cert=str(pem), key=str(pem), server_name="a.internal")
    timeouts = Timeouts(queue=Duration(0), total=Duration(0))
    assert service_problems(Service(targets=TARGETS, tls=tls, timeouts=timeouts, isolation=Isolation("k" * 32))) == []


@pytest.mark.parametrize(
    ("service", "path"),
    [
        (Service(targets=(Target("http://a"), Target("a"))), ("targets", 1, "url")),
        (Service(targets=TARGETS, timeouts=Timeouts(connect=Duration(0))), ("timeouts", "connect")),
        (Service(targets=TARGETS, timeouts=Timeouts(response=Duration(0))), ("timeouts", "response")),
        (Service(targets=TARGETS, timeouts=Timeouts(idle=Duration(0))), ("timeouts", "idle")),
        (Service(targets=TARGETS, limits=Limits(Size(0))), ("limits", "head")),
        (Service(targets=TARGETS, tls=UpstreamTls(ca="/no/such")), ("tls", "ca")),
        (Service(targets=TARGETS, tls=UpstreamTls(cert=__file__)), ("tls", "key")),
        (Service(targets=TARGETS, tls=UpstreamTls(key=__file__)), ("tls", "cert")),
        (Service(targets=TARGETS, tls=UpstreamTls(server_name="a b")), ("tls", "server_name")),
        (Service(targets=TARGETS, isolation=Isolation("k" * 31)), ("isolation", "sign_with")),
        (Service(targets=TARGETS, isolation=Isolation("k" * 32, key_id='"')), ("isolation", "key_id")),
        (Service(targets=TARGETS, isolation=Isolation("k" * 32, fields=("a b",))), ("isolation", "fields", "a b")),
    ],
)
def test_mistakes(service: Service, path: FieldPath) -> None:
    assert [found for found, _ in service_problems(service)] == [path]
