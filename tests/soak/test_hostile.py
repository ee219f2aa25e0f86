"""The streams taken from the conformance cases."""

from tests.soak.hostile import STREAMS


def test_there_are_many_and_of_many_kinds() -> None:
    assert len(STREAMS) > 100
    assert all(STREAMS)
    everything = b"".join(STREAMS)
    for word in (b"GET /smuggled", b"Content-Length: +5", b"Transfer-Encoding\t: chunked", b"HTTP/9.9", b"0x5\r\n"):
        assert word in everything
