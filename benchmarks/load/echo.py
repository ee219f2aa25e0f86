"""The service's side of a WebSocket on which each frame comes back. Not for sockets."""

from typing import Final

from benchmarks.load import frames

_PONG: Final = {frames.PING: frames.PONG}
_TEXT: Final = 0x80 | frames.TEXT
_BINARY: Final = 0x80 | frames.BINARY


class Echo:
    """Bytes in, bytes out."""

    def __init__(self) -> None:
        self._rest = b""
        self.closed = False
        """Whether a close frame came, and was answered."""

    def answer(self, data: bytes) -> bytes:
        """What to write after `data`; a frame that is not whole yet is kept."""
        if not self._rest and (whole := _one_message(data)):
            return whole
        data = self._rest + data if self._rest else data
        written = []
        start = 0
        while not self.closed:
            frame = frames.decode(data, start)
            if frame is None:
                break
            start += frame.size
            if frame.opcode == frames.PONG:
                continue
            self.closed = frame.opcode == frames.CLOSE
            written.append(frames.encode(_PONG.get(frame.opcode, frame.opcode), frame.payload, final=frame.final))
        self._rest = data[start:] if start < len(data) else b""
        return written[0] if len(written) == 1 else b"".join(written)


def _one_message(data: bytes) -> bytes:
    """The answer to `data` when it is one whole masked message of less than 64 KiB, else nothing: the common case."""
    if len(data) < 6 or data[0] not in (_TEXT, _BINARY) or data[1] < 0x80 or data[1] == 0xFF:
        return b""
    size, body = data[1] & 0x7F, 6
    if size == 126:
        size, body = int.from_bytes(data[2:4], "big"), 8
    if len(data) != body + size:
        return b""
    return data[:1] + bytes((data[1] & 0x7F,)) + data[2 : body - 4] + frames.xor(data[body:], data[body - 4 : body])
