from pathlib import Path
from typing import Any

import pytest

from app.domain.entities.issuer import Issuer
from app.domain.token_ports import KeySource
from app.infrastructure.security.jwks_source import JwksSource
from app.infrastructure.security.key_files import KeyFiles
from app.infrastructure.security.key_sources import FixedKeys, KeySourceMaker
from tests.fakes import RecordedEvents
from tests.token_forge import SECRET, signer


async def nothing(url: str) -> bytes:
    raise AssertionError(url)


def make(events: RecordedEvents, **given: Any) -> KeySource:
    issuer = Issuer(issuer="i", audience=("a",), algorithms=("ES256", "HS256"), **given)
    return KeySourceMaker(nothing, events, lambda: 0.0, lambda: 0.5)("main", issuer)


async def test_keys_come_from_where_the_issuer_says(tmp_path: Path) -> None:
    pem = tmp_path / "key.pem"
    pem.write_bytes(signer("ES256").pem())
    events = RecordedEvents()
    assert isinstance(make(events, jwks="https://issuer.test/jwks"), JwksSource)
    assert isinstance(make(events, pem=(str(pem),)), KeyFiles)
    secret, fixed = make(events, secret=SECRET), make(events, keys=(signer("ES256").jwk(),))
    for source, kid, algorithm in ((secret, None, "HS256"), (fixed, "k1", "ES256")):
        assert isinstance(source, FixedKeys)
        assert source.keys is not None
        assert source.keys.find(kid, algorithm)
        source.more()
        await source.run()
    assert events.seen == []


@pytest.mark.parametrize("given", [{"secret": "short"}, {"keys": ({"kty": "oct", "k": "AA"},)}, {}])
def test_keys_that_cannot_be_used_are_told(given: dict[str, Any]) -> None:
    events = RecordedEvents()
    assert make(events, **given).keys is None
    assert len(events.seen) == (1 if given else 0)
    assert "short" not in str([fields.get("issuer") for _, _, fields in events.seen])
