"""Services can be shown."""

from app.domain.entities.service import Isolation, Service

HIDDEN = "hunter2"


def test_the_secret_that_it_shares_does_not_show() -> None:
    service = Service(isolation=Isolation(HIDDEN))
    assert "Isolation(sign_with=…, key_id='gateway'" in repr(service)
    assert HIDDEN not in repr(service)
