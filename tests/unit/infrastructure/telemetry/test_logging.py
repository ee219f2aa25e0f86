"""Events as lines: complete, printable, and never in the way."""

import json
import os
import threading
import time
from collections.abc import Iterator

import pytest
from loguru import logger

from app.infrastructure.telemetry import event_pace
from app.infrastructure.telemetry.event_pace import MOST
from app.infrastructure.telemetry.logging import LogFormat, LoguruEvents, configure
from app.infrastructure.telemetry.sinks import DescriptorSink


class Memory:
    """Keeps what is written."""

    whole = 4096

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    logger.remove()


def lines(style: LogFormat, level: str = "INFO") -> tuple[LoguruEvents, Memory]:
    sink = Memory()
    return configure(level, style, sink), sink


def test_json_holds_time_level_message_and_fields() -> None:
    events, sink = lines("json")
    events.warning(
        "target {left}", target="10.0.0.1:80", attempts=3, ratio=0.5, gone=True, why=None, error=OSError("x")
    )
    events.close()
    shown = json.loads(sink.data)
    assert shown.pop("time").endswith("Z")
    assert shown == {
        "level": "warning", "message": "target {left}", "target": "10.0.0.1:80", "attempts": 3, "ratio": 0.5,
        "gone": True, "why": None, "error": "x",
    }  # fmt: skip


def test_text_is_one_readable_line() -> None:
    events, sink = lines("text")
    events.info("listening", address="127.0.0.1:8000", server="granian 2", empty="")
    events.close()
    assert sink.data.endswith(b'Z INFO    listening address=127.0.0.1:8000 server="granian 2" empty=""\n')


@pytest.mark.parametrize("style", ["json", "text"])
def test_nothing_breaks_out_of_its_line(style: LogFormat) -> None:
    events, sink = lines(style)
    events.error("bad\nname \x1b[31m", reason="a\r\nb", level="forged")
    events.close()
    assert sink.data.count(b"\n") == 1
    assert sink.data[:-1].decode().isprintable()


def test_long_values_are_cut() -> None:
    events, sink = lines("json")
    events.info("m" * 9000, field="f" * 9000)
    events.close()
    assert len(sink.data) < 4096


def test_levels_below_are_left_out() -> None:
    events, sink = lines("json", level="warning")
    events.info("quiet")
    events.error("loud")
    events.close()
    assert [json.loads(line)["message"] for line in sink.data.splitlines()] == ["loud"]


def test_a_level_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="got 'verbose'"):
        configure("verbose", "json", Memory())


def test_a_reader_that_stopped_holds_nobody_up() -> None:
    reader, writer = os.pipe()
    events = configure("INFO", "text", DescriptorSink(writer))
    done = threading.Event()

    def emit() -> None:
        for number in range(5000):
            events.info(f"{number} {'x' * 200}")
        done.set()

    threading.Thread(target=emit).start()
    assert done.wait(30)
    events.close(timeout=0.05)
    assert events.lost > 0
    os.set_blocking(reader, False)
    while events._writer._worker.is_alive():
        try:
            os.read(reader, 65536)
        except BlockingIOError:
            events._writer._worker.join(0.01)
    os.close(reader)
    os.close(writer)


def test_a20_an_event_that_comes_again_and_again_is_told_so_often_and_then_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_pace, "PERIOD", 0.2)
    events, sink = lines("json")
    for number in range(MOST + 7):
        events.warning("webhook refused", number=number)
    time.sleep(0.3)
    events.warning("webhook refused", number=-1)
    events.close()
    shown = [json.loads(line) for line in sink.data.splitlines()]
    assert [one["number"] for one in shown] == [*range(MOST), -1]
    assert shown[-1]["untold"] == 7
