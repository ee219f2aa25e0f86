import asyncio
from pathlib import Path

import pytest

from app.infrastructure.security.key_files import KeyFiles
from tests.fakes import RecordedEvents
from tests.token_forge import signer


async def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path, events = tmp_path / "key.pem", RecordedEvents()
    path.write_bytes(signer("ES256").pem())
    source = KeyFiles("main", [str(path)], ("ES256", "RS256"), events)
    assert source.keys is not None
    first, version = source.keys, source.version
    assert first.find("other", "ES256")
    source.more()
    contents = iter([None, signer("RS256").pem(), b"broken"])

    async def step(_: float) -> None:
        content = next(contents, b"")
        if content == b"":
            raise asyncio.CancelledError
        if content is not None:
            path.write_bytes(content)

    with pytest.raises(asyncio.CancelledError):
        await source.follow(step)
    assert source.version == version + 1
    assert source.keys.find(None, "ES256") is None
    assert source.keys.find(None, "RS256")
    [(level, message, fields)] = events.seen
    assert level == "warning"
    assert "issuer main" in message
    assert "last content stays" in message
    assert "no public key" in str(fields["problem"])


async def test_a_file_that_is_missing_at_first_may_come(tmp_path: Path) -> None:
    there, missing = tmp_path / "a.pem", tmp_path / "b.pem"
    there.write_bytes(signer("ES256").pem())
    source = KeyFiles("main", [str(there), str(missing)], ("ES256",), RecordedEvents())
    assert source.keys is not None
    alone = KeyFiles("main", [str(missing)], ("ES256",), RecordedEvents())
    assert alone.keys is None
    running = asyncio.ensure_future(alone.run())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()
