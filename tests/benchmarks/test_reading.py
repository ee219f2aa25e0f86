"""Output of the load generators, as they printed it."""

import pytest

from benchmarks.rig.reading import UnreadableOutput, read_h2load, read_program, read_wrk

WRK = """Running 2s test @ http://127.0.0.1:8000/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.31ms    2.02ms  30.51ms   95.67%
    Req/Sec    34.54k     5.43k   41.80k    80.00%
  Latency Distribution
     50%  841.00us
     75%    1.05ms
     90%    1.66ms
     99%   11.93ms
  68886 requests in 2.01s, 17.99MB read
{more}Requests/sec:  34344.42
Transfer/sec:      8.97MB
"""
H2LOAD = """starting benchmark...
spawning thread #0: 8 total client(s). Timing-based test with 0s of warm-up time and 2s of main duration.
Warm-up started for thread #0.
progress: 10% of clients started
Warm-up phase is over for thread #0.
Main benchmark duration is started for thread #0.
Main benchmark duration is over for thread #0. Stopping all clients.
Stopped all clients for thread #0

finished in 2.01s, 30412.50 req/s, 5.01MB/s
requests: 60825 total, 60953 started, 60825 done, {good} succeeded, {failed} failed, {errored} errored, 0 timeout
status codes: {good} 2xx, {moved} 3xx, 0 4xx, {wrong} 5xx
traffic: 10.03MB (10515012) total, 475.20KB (486600) headers (space savings 95.12%), 6.73MB (7055700) data
"""


def test_wrk() -> None:
    reading = read_wrk(WRK.format(more=""))
    assert (reading.value, reading.count, reading.errors) == (34344.42, 68886, 0)
    assert reading.p50_ms == pytest.approx(0.841)
    assert reading.p99_ms == pytest.approx(11.93)


@pytest.mark.parametrize(
    ("more", "errors"),
    [
        ("  Non-2xx or 3xx responses: 68000\n", 68000),
        ("  Socket errors: connect 1, read 20, write 300, timeout 4000\n", 4321),
        ("  Socket errors: connect 0, read 7, write 0, timeout 0\n  Non-2xx or 3xx responses: 3\n", 10),
    ],
)
def test_wrk_counts_every_kind_of_error(more: str, errors: int) -> None:
    assert read_wrk(WRK.format(more=more)).errors == errors


def test_wrk_that_could_not_connect() -> None:
    with pytest.raises(UnreadableOutput, match="unable to connect"):
        read_wrk("unable to connect to 127.0.0.1:1 Connection refused\n")


def h2load(good: int = 60825, failed: int = 0, errored: int = 0, moved: int = 0, wrong: int = 0) -> str:
    return H2LOAD.format(good=good, failed=failed, errored=errored, moved=moved, wrong=wrong)


def test_h2load() -> None:
    reading = read_h2load(h2load())
    assert (reading.value, reading.count, reading.errors) == (30412.5, 60825, 0)


def test_h2load_counts_what_failed_and_what_was_redirected() -> None:
    assert read_h2load(h2load(good=60000, failed=825, errored=25, wrong=800)).errors == 825
    assert read_h2load(h2load(good=60000, moved=825)).errors == 825


def test_h2load_that_could_not_connect() -> None:
    with pytest.raises(UnreadableOutput):
        read_h2load("connect() failed: Connection refused\n")


def test_a_load_program() -> None:
    text = '{"unit": "MB/s", "value": 812.5, "count": 1, "seconds": 1.3, "errors": 2, "p50_ms": null, "p99_ms": 4.5}\n'
    reading = read_program(text)
    assert (reading.value, reading.count, reading.errors) == (812.5, 1, 2)
    assert (reading.p50_ms, reading.p99_ms) == (None, 4.5)


@pytest.mark.parametrize("text", ["", "Traceback: no", '{"unit": "MB/s"}'])
def test_a_load_program_that_failed(text: str) -> None:
    with pytest.raises(UnreadableOutput):
        read_program(text)
