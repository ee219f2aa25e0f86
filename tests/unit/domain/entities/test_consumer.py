"""Consumers can be shown."""

from app.domain.entities.consumer import BasicAccount, Consumer, SignatureKey

HIDDEN = "hunter2"


def test_secrets_do_not_show() -> None:
    consumer = Consumer(basic=(BasicAccount("ann", HIDDEN),), signatures=(SignatureKey("key", secret=HIDDEN),))
    assert "BasicAccount(username='ann', password=…)" in repr(consumer)
    assert "id='key'" in repr(consumer)
    assert HIDDEN not in repr(consumer)
