"""The history as workers write it: what is recorded, who records, and what survives."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.entities.chain import Chain
from app.domain.entities.config import GatewayConfig
from app.domain.entities.consumer import Consumer
from app.domain.entities.control import Documents
from app.infrastructure.control.journal_recorder import LOCK
from app.infrastructure.control.journal_writer import JournalLimits
from tests.sections import sections
from tests.unit.infrastructure.control.journals import (
    NO_LIMITS,
    Worker,
    all_closed,
    config,
    documents,
    history,
    journal,
)

A = config({"a": "http://a:1"})
AB = config({"a": "http://a:1", "b": "http://b:1"}, ("s",))
B = config({"b": "http://b:2"})


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    with all_closed():
        yield


def test_each_change_is_a_revision(tmp_path: Path) -> None:
    worker = Worker(tmp_path / "history")
    assert [worker.apply(one) for one in (A, AB, B)] == [1, 2, 3]
    first, second, third = history(tmp_path / "history").revisions()
    assert first.changes == {"routes": {"a": "added"}}
    assert (first.number, first.time, first.source, first.routes) == (1, 1000.0, "file gateway.yaml", 1)
    assert second.changes == {"services": {"s": "added"}, "routes": {"b": "added"}}
    assert (second.changed, second.services, second.routes) == (2, 1, 2)
    assert third.changes == {"services": {"s": "removed"}, "routes": {"a": "removed", "b": "changed"}}
    assert [history(tmp_path / "history").documents(number) for number in (1, 2, 3)] == [
        documents(one) for one in (A, AB, B)
    ]
    assert worker.warnings == []


def test_every_section_is_recorded_and_counted(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.apply(GatewayConfig(consumers={"c": Consumer(groups=("a",)), "d": Consumer()}, chains={"x": Chain()}))
    [revision] = history(tmp_path).revisions()
    counts = (revision.services, revision.issuers, revision.consumers, revision.chains, revision.routes)
    assert counts == (0, 0, 2, 1, 0)
    assert revision.changes == {"consumers": {"c": "added", "d": "added"}, "chains": {"x": "added"}}
    assert history(tmp_path).documents(1)["consumers"] == {"c": {"groups": ["a"]}, "d": {}}


def test_an_empty_configuration_is_one_too(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    assert worker.apply(GatewayConfig(), "nothing") == 1
    assert worker.apply(A) == 2
    assert history(tmp_path).documents(1) == sections()


def test_the_same_again_is_no_revision(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    assert [worker.apply(A), worker.apply(A)] == [1, 1]


def test_going_back_is_one(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    assert [worker.apply(one) for one in (A, B, A)] == [1, 2, 3]
    assert history(tmp_path).documents(3) == documents(A)


def test_a_new_value_of_a_secret_is_one(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    assert [worker.apply(A, "one"), worker.apply(A, "two")] == [1, 2]
    assert history(tmp_path).documents(2) == documents(A)


def test_a_restart_goes_on(tmp_path: Path) -> None:
    first = Worker(tmp_path)
    first.apply(AB)
    first.recorder.close()
    second = Worker(tmp_path)
    assert second.apply(AB) == 1
    assert second.apply(B) == 2
    assert history(tmp_path).documents(2) == documents(B)
    second.recorder.close()
    third = Worker(tmp_path)
    assert third.apply(A) == 3
    assert history(tmp_path).revisions()[-1].changes == {"routes": {"a": "added", "b": "removed"}}
    assert history(tmp_path).documents(3) == documents(A)


def test_one_writes_the_others_look_it_up(tmp_path: Path) -> None:
    first, second = Worker(tmp_path), Worker(tmp_path)
    assert first.apply(A) == 1
    assert second.apply(A) == 1
    assert second.apply(AB) == 0
    assert first.apply(AB) == 2
    assert second.apply(AB) == 2
    first.recorder.close()
    assert second.apply(B) == 3
    assert first.apply(B) == 3
    assert history(tmp_path).documents(3) == documents(B)


def test_a_process_that_dies_frees_the_lock(tmp_path: Path) -> None:
    code = "import fcntl, sys; f = open(sys.argv[1], 'wb'); fcntl.flock(f, 2); print(flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / LOCK)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    worker = Worker(tmp_path)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert worker.apply(A) == 0
    finally:
        holder.kill()
        holder.communicate()
    assert worker.apply(A) == 1


def test_many_changes_are_cut(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.apply(config({f"r{number}": "http://a:1" for number in range(150)}))
    (revision,) = history(tmp_path).revisions()
    assert len(revision.changes["routes"]) == 100
    assert revision.changed == 150


def test_one_change_among_many_writes_little(tmp_path: Path) -> None:
    many = {f"r{number}": "http://a:1" for number in range(2000)}
    worker = Worker(tmp_path)
    worker.apply(config(many))
    before = journal(tmp_path).stat().st_size
    worker.apply(config({**many, "r7": "http://b:1"}))
    assert journal(tmp_path).stat().st_size - before < 1000


def test_a_write_that_was_cut_off(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.apply(A)
    whole = journal(tmp_path).read_bytes()
    worker.apply(AB)
    torn = journal(tmp_path).read_bytes()[:-5]
    for size in range(len(whole), len(torn)):
        journal(tmp_path).write_bytes(torn[:size])
        assert history(tmp_path).documents(1) == documents(A)
        again = Worker(tmp_path)
        worker.recorder.close()
        assert again.apply(B) == 2
        assert history(tmp_path).documents(2) == documents(B)
        again.recorder.close()


def test_lines_that_a_loss_of_power_left_out(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.apply(A)
    size = journal(tmp_path).stat().st_size
    worker.apply(AB)
    worker.recorder.close()
    content = journal(tmp_path).read_bytes()
    journal(tmp_path).write_bytes(content[:size] + b"\0" * 20 + content[size + 20 :])
    again = Worker(tmp_path)
    assert again.apply(B) == 3
    assert history(tmp_path).documents(3) == documents(B)
    assert history(tmp_path).documents(1) == documents(A)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"[]\n{}\n", b"# x\n" * 20_000])
def test_a_file_of_no_use_is_written_anew(tmp_path: Path, content: bytes) -> None:
    worker = Worker(tmp_path)
    worker.apply(A)
    journal(tmp_path).write_bytes(content)
    assert worker.apply(AB) == 2
    assert history(tmp_path).documents(2) == documents(AB)
    assert worker.warnings == []


@pytest.mark.parametrize("damage", [b"[broken]\n", b"{broken}\n"])
def test_damage_in_the_middle_starts_anew(tmp_path: Path, damage: bytes) -> None:
    worker = Worker(tmp_path)
    worker.apply(A)
    worker.apply(AB)
    content = journal(tmp_path).read_bytes()
    journal(tmp_path).write_bytes(content.replace(b"\n", b"\n" + damage, 1))
    assert worker.apply(B) == 3
    assert [revision.number for revision in history(tmp_path).revisions()] == [3]
    assert history(tmp_path).documents(3) == documents(B)


def test_a_journal_that_somebody_removed(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.apply(A)
    journal(tmp_path).unlink()
    assert worker.apply(AB) == 2
    assert history(tmp_path).documents(2) == documents(AB)


def test_failures_are_told_once_and_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(tmp_path)
    worker.apply(A)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert [worker.apply(AB), worker.apply(B)] == [0, 0]
    assert worker.warnings == ["No space left on device"]
    monkeypatch.undo()
    assert history(tmp_path).documents(1) == documents(A)
    number = worker.apply(A)
    assert number > 1
    assert history(tmp_path).documents(number) == documents(A)
    monkeypatch.setattr(os, "fsync", full)
    worker.apply(B)
    assert worker.warnings == ["No space left on device"] * 2


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    worker = Worker(tmp_path / "file" / "history")
    assert worker.apply(A) == 0
    assert worker.warnings == ["Not a directory"]


def test_a_lock_that_cannot_be_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    worker = Worker(tmp_path)
    assert worker.apply(A) == 0
    assert worker.warnings == ["No locks available"]


def test_no_directory_only_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    worker = Worker(None)
    assert [worker.apply(one) for one in (A, A, AB, A)] == [1, 1, 2, 3]
    worker.recorder.close()
    assert list(tmp_path.iterdir()) == []


ids = st.sampled_from([*"abc", 'q"{\n', "é😀"])
urls = st.sampled_from(["http://a:1", "http://b:1", "{\n{", "\u2028"])
configs = st.builds(config, st.dictionaries(ids, urls), st.lists(ids, max_size=2, unique=True).map(tuple))
steps = st.lists(configs | st.sampled_from(["restart", "tear", "tear a group"]), max_size=30)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(steps, st.integers(1, 6), st.sampled_from([NO_LIMITS, JournalLimits(10_000, 0), JournalLimits(1000, 200)]))
def test_every_revision_that_is_kept_is_as_it_was(
    given_steps: list[GatewayConfig | str], limit: int, limits: JournalLimits
) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        worker = Worker(directory, limit, limits)
        model: dict[int, Documents] = {}
        for step in given_steps:
            if isinstance(step, GatewayConfig):
                model[worker.apply(step)] = documents(step)
                continue
            worker.recorder.close()
            if step != "restart" and journal(directory).exists():
                with journal(directory).open("ab") as file:
                    file.write(b'["routes","a",null]\n{"rev' if step == "tear a group" else b'["rou')
            worker = Worker(directory, limit, limits)
        reader = history(directory, limit)
        kept = [revision.number for revision in reader.revisions()]
        assert {number: reader.documents(number) for number in kept} == {number: model[number] for number in kept}
        assert kept == sorted(model)[-len(kept) :] if kept else not model
        if limits.most >= NO_LIMITS.most:
            assert len(kept) == min(limit, len(model))
        worker.recorder.close()
        assert worker.warnings == []
