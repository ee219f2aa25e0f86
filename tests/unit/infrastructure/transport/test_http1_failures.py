"""What a failure under way is called."""

import ssl

import pytest

from app.domain.errors import IdleTimeout, ResponseTimeout, TruncatedResponse, UpstreamReset
from app.infrastructure.transport.http1_failures import late, lost


@pytest.mark.parametrize(
    ("started", "head_done", "kind", "words"),
    [
        (False, False, UpstreamReset, "before it answered"),
        (True, False, UpstreamReset, "in the middle of the head"),
        (True, True, TruncatedResponse, "in the middle of its answer"),
    ],
)
def test_a_lost_connection_is_named_by_what_had_come(
    started: bool, head_done: bool, kind: type[Exception], words: str
) -> None:
    error = lost(None, started=started, head_done=head_done)
    assert type(error) is kind
    assert words in error.detail


def test_the_systems_reason_is_told_and_that_of_tls_in_plain_words() -> None:
    assert lost(ConnectionResetError("Broken"), started=False, head_done=False).detail.endswith(": broken")
    alert = ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required")
    assert "certificate" in lost(alert, started=False, head_done=False).detail


@pytest.mark.parametrize(
    ("in_body", "uploading", "kind", "seconds"),
    [(True, True, IdleTimeout, "2 s"), (False, True, IdleTimeout, "2 s"), (False, False, ResponseTimeout, "3 s")],
)
def test_lateness_names_its_timeout(in_body: bool, uploading: bool, kind: type[Exception], seconds: str) -> None:
    error = late(2.0, 3.0, in_body=in_body, uploading=uploading)
    assert type(error) is kind
    assert seconds in error.detail
