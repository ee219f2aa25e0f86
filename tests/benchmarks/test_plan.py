"""What the command line chooses, and what can be measured of it."""

import re
from pathlib import Path

import pytest

from benchmarks.peers.registry import SUBJECTS
from benchmarks.rig import tokens
from benchmarks.rig.alone import Routes
from benchmarks.rig.choice import QUICK, UnknownName, choose_settings, choose_subjects, choose_workloads
from benchmarks.rig.model import Amount, load, save
from benchmarks.rig.policy import Policy
from benchmarks.rig.reading import Reading
from benchmarks.rig.requests import Http1, Http2
from benchmarks.rig.runner import plan
from benchmarks.rig.subject import Place
from benchmarks.rig.usage import Usage
from benchmarks.rig.workload import Aim
from benchmarks.rig.workloads import WORKLOADS
from tests.benchmarks.results import report, result, sample


def test_every_workload_when_none_is_named() -> None:
    assert choose_workloads("", WORKLOADS) == list(WORKLOADS)
    assert [one.name for one in choose_workloads("h2, http1", WORKLOADS)] == ["http1", "h2"]


def test_an_unknown_workload_is_named() -> None:
    with pytest.raises(UnknownName, match="no workload http3; there are http1, h2"):
        choose_workloads("http1,http3", WORKLOADS)


def test_subjects_by_words_of_their_names() -> None:
    assert [one.name for one in choose_subjects("Granian", SUBJECTS)] == [
        "gateway, Granian", "gateway, Granian, compiled", "bare Granian"
    ]  # fmt: skip
    assert [one.name for one in choose_subjects("envoy,bare", SUBJECTS)] == ["Envoy", "bare Granian", "bare Hypercorn"]
    with pytest.raises(UnknownName, match="no subject traefik"):
        choose_subjects("traefik", SUBJECTS)


def test_names_are_unique() -> None:
    assert len({one.name for one in SUBJECTS}) == len(SUBJECTS)
    assert len({one.name for one in WORKLOADS}) == len(WORKLOADS)


def test_settings_that_are_given_win() -> None:
    assert choose_settings({}, quick=True) == QUICK
    given = choose_settings({"rounds": 7, "seconds": None, "warmup": 0.0, "body": 2.0}, quick=False)
    assert (given.rounds, given.measured.seconds, given.warmup.seconds, given.measured.body) == (7, 5.0, 0.0, 2 * 2**20)


def test_a_plan_leaves_out_what_is_absent_and_what_cannot() -> None:
    planned = plan(Http2(), list(SUBJECTS), {"Caddy": "not installed", "Node http-proxy": "no npm"})
    names = [one.name for one in planned.subjects]
    assert "Envoy" in names
    assert "Caddy" not in names
    assert "Node http-proxy" not in names
    assert planned.missing == {"Caddy": "not installed"}  # Node's proxy has no HTTP/2: it is not missed


def test_steps_are_the_backend_and_every_subject_of_every_round() -> None:
    planned = plan(Http1(), list(SUBJECTS[:2]), {})
    assert planned.steps(3) == (0 if planned.problem else 7)


@pytest.mark.parametrize("secure", [False, True])
def test_every_subject_writes_its_whole_configuration(tmp_path: Path, secure: bool) -> None:
    """No name is left in any template, and every subject is told its port."""
    for number, subject in enumerate(SUBJECTS):
        directory = tmp_path / str(number)
        directory.mkdir()
        certificate = tmp_path / "server.pem" if secure and Http2().ability in subject.abilities else None
        keys = tokens.keys(tmp_path) if not secure and Policy().ability in subject.abilities else None
        if certificate is None and keys is None and Http1().ability not in subject.abilities:
            continue
        launch = subject.launch(Place(32123, 32124, directory, certificate, keys))
        files = "".join(file.read_text() for file in directory.iterdir())
        told = files + " ".join(launch.command)
        assert "32123" in told
        assert not certificate or str(certificate) in told
        assert not re.search(r"@\w+@", files)
        assert not keys or keys.issuer in told


def test_figures_of_a_load() -> None:
    usage = Usage(cpu_seconds=0.5, resident=64 * 2**20, growth=0.0, others=0.0)
    figures = Http1().figures(Reading(10_000.0, 20_000, 0, 1.0, 2.5), usage)
    assert figures == {"rate": 10_000.0, "p99_ms": 2.5, "cpu_us": 25.0, "rss_mib": 64.0}


def test_every_workload_makes_a_command_and_its_figures() -> None:
    usage = Usage(1.0, 2.0**20, 2.0**20, 0.0)
    for workload in WORKLOADS:
        if isinstance(workload, Routes):
            continue
        command = workload.command(Aim(32123, secure=workload.name == "h2", pid=4711), Amount(1.5, 2**20, 100))
        assert any("127.0.0.1:32123" in part for part in command)
        figures = workload.figures(Reading(1.0, 1, 0, 1.0, 1.0, 1.0), usage)
        assert set(figures) >= {metric.key for metric in workload.metrics}


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = report(result(sample("Envoy", 1, 20_000.0), sample("gateway", 1, 10.0, errors=1)))
    save(written, tmp_path / "results.json")
    assert load(tmp_path / "results.json") == written
