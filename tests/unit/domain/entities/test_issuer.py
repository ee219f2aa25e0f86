"""Issuers can be shown."""

from app.domain.entities.issuer import Issuer

HIDDEN = "hunter2"


def test_its_secret_does_not_show() -> None:
    issuer = Issuer(issuer="i", audience=("a",), algorithms=("HS256",), secret=HIDDEN)
    assert repr(issuer).startswith("Issuer(issuer='i', audience=('a',)")
    assert HIDDEN not in repr(issuer)
