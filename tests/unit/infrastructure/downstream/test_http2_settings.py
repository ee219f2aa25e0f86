"""What is announced, and what is taken from a client. What is refused is in test_http2_reader."""

import struct

from app.infrastructure.downstream.http2_settings import ClientSettings, our_settings


def test_ours() -> None:
    payload = our_settings(100, 48384, 262144)
    pairs = dict(struct.iter_unpack("!HL", payload))
    assert pairs == {3: 100, 4: 262144, 6: 48384, 8: 1, 9: 1}


def test_theirs() -> None:
    settings = ClientSettings()
    settings.take(b"".join(struct.pack("!HL", *pair) for pair in ((1, 100), (4, 7), (5, 2**24 - 1), (2, 0), (0x77, 9))))
    assert (settings.table, settings.window, settings.frame_size) == (100, 7, 2**24 - 1)


def test_a_larger_table_is_not_used() -> None:
    settings = ClientSettings()
    settings.take(struct.pack("!HL", 1, 2**32 - 1))
    assert settings.table == 4096
