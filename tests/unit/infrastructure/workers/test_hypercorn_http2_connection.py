"""The guarded HTTP/2 connection by itself, against the library's client and raw frames (A-09, A-10, A-13, A-32)."""

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import RequestReceived, StreamEnded
from h2.settings import SettingCodes, Settings

from app.infrastructure.workers.hypercorn_http2_connection import EnhanceYourCalm, GuardedConnection, is_malformed
from app.infrastructure.workers.hypercorn_http2_floods import EARLY_RESETS, IDLE_FRAMES
from tests.h2_frames import (
    DATA,
    ENHANCE_YOUR_CALM,
    GOAWAY,
    PING,
    PREFACE,
    SETTINGS,
    Fields,
    frame,
    head,
    pseudo,
    reset,
    update,
)

OK = [(b":status", b"200")]


def connection() -> GuardedConnection:
    plain = H2Connection(H2Configuration(client_side=False, header_encoding=None))
    plain.DEFAULT_MAX_INBOUND_FRAME_SIZE = 20_000
    plain.local_settings = Settings(client=False, initial_values={SettingCodes.MAX_CONCURRENT_STREAMS: 7})
    guarded = GuardedConnection.instead_of(plain, lambda: 0.0)
    guarded.initiate_connection()
    guarded.receive_data(PREFACE + frame(SETTINGS))
    return guarded


def gives_up(guarded: GuardedConnection, data: bytes) -> bool:
    """Whether `data` ends the connection as a flood."""
    guarded.clear_outbound_data_buffer()
    try:
        guarded.receive_data(data)
    except EnhanceYourCalm:
        last = guarded.data_to_send()[-17:]
        return last[3] == GOAWAY and int.from_bytes(last[13:], "big") == ENHANCE_YOUR_CALM
    return False


def opened(stream: int) -> bytes:
    return head(stream, pseudo(), ended=False)


def test_it_takes_over_what_hypercorn_configured() -> None:
    guarded = connection()
    assert guarded.DEFAULT_MAX_INBOUND_FRAME_SIZE == 20_000
    assert guarded.local_settings.max_concurrent_streams == 7
    assert not guarded.config.client_side


@pytest.mark.parametrize(
    "flood", [frame(PING, 0, b"01234567"), frame(SETTINGS), update(0, 1), frame(0x77), frame(DATA, 1), reset(1)]
)
def test_frames_without_a_use_end_in_enhance_your_calm(flood: bytes) -> None:
    guarded = connection()
    guarded.receive_data(opened(1))
    guarded.receive_data(flood * (IDLE_FRAMES // 2))
    assert gives_up(guarded, flood * IDLE_FRAMES)


def test_rapid_reset() -> None:
    guarded = connection()
    streams = range(1, 2 * EARLY_RESETS, 2)
    for stream in streams:
        guarded.receive_data(opened(stream) + reset(stream))
    last = streams[-1] + 2
    assert gives_up(guarded, opened(last) + reset(last))


def test_made_you_reset() -> None:
    guarded = connection()
    sent = 0
    for stream in range(1, 10 * EARLY_RESETS, 2):
        if gives_up(guarded, opened(stream) + update(stream, 2**31 - 1)):
            break
        sent += 1
    assert sent == EARLY_RESETS + 1


def test_resets_after_the_answer_count_for_nothing() -> None:
    guarded = connection()
    for stream in range(1, 20 * EARLY_RESETS, 2):
        guarded.receive_data(opened(stream))
        guarded.send_headers(stream, OK, end_stream=True)
        guarded.receive_data(reset(stream))


def test_resets_of_the_server_s_own_accord_count_for_nothing() -> None:
    guarded = connection()
    for stream in range(1, 10 * EARLY_RESETS, 2):
        guarded.receive_data(opened(stream))
        guarded.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)


def test_a_body_with_a_byte_in_each_frame_is_no_flood() -> None:
    guarded = connection()
    guarded.receive_data(opened(1))
    for _ in range(3 * IDLE_FRAMES):
        guarded.receive_data(frame(DATA, 1, b"x") + frame(PING, 0, b"01234567"))


def malformed(fields: Fields, *, ended: bool = False) -> bool:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    end = StreamEnded(stream_id=1) if ended else None
    return is_malformed(RequestReceived(stream_id=1, headers=headers, stream_ended=end))


@pytest.mark.parametrize("path", ["/", "/a?b", "*", "//a"])
def test_paths_that_are_well_formed(path: str) -> None:
    assert not malformed(pseudo(path))


@pytest.mark.parametrize("path", ["", "a", "?a", "@a", "http://test/a", "/\xe9"])
def test_paths_that_are_malformed(path: str) -> None:
    assert malformed(pseudo(path))


@pytest.mark.parametrize("scheme", ["", "1a", "http://evil/?", "a b", "\xe9"])
def test_schemes_that_are_malformed(scheme: str) -> None:
    assert malformed(pseudo(scheme=scheme))


def test_methods_that_are_no_ascii_and_connect_without_a_path_are_malformed() -> None:
    assert malformed(pseudo(method="G\xcbT"))
    assert malformed([(":method", "CONNECT"), (":authority", "test:80")])


@pytest.mark.parametrize(("length", "ended", "wrong"), [("5", True, True), ("0", True, False), ("5", False, False)])
def test_a_length_without_a_body_to_come_is_malformed(length: str, ended: bool, wrong: bool) -> None:
    assert malformed([*pseudo(), ("content-length", length)], ended=ended) is wrong
