"""PING, SETTINGS and windows as they should be; what breaks rules is in test_http2_reader."""

from tests.h2_frames import PING, SETTINGS, frame, head, pseudo
from tests.unit.infrastructure.downstream.http2_bench import Bench


async def test_settings_are_exchanged() -> None:
    bench = await Bench().run()
    assert bench.settings == {3: 100, 4: 256 * 1024, 6: 16 * 1024 + 32 * 1000, 8: 1, 9: 1}
    assert (bench.acks, bench.window) == (1, 1024 * 1024 - 65535)
    assert bench.connection.acknowledged
    assert bench.transport.protocol is bench.connection


async def test_ping_is_answered() -> None:
    bench = await Bench().run(frame(PING, 0, b"01234567"))
    assert bench.pongs == [b"01234567"]


async def test_a_table_that_gets_smaller_is_told_of() -> None:
    bench = await Bench().run(head(1, pseudo("/", scheme="http")), head(3, pseudo("/", scheme="http")))
    bench._decoder.max_allowed_table_size = 4096
    await bench.run(frame(SETTINGS, 0, b"\0\x01\0\0\0\0"), head(5, pseudo("/", scheme="http")))
    assert bench.verdict(5) == "answer 200"
    assert bench._decoder.header_table_size == 0
