"""`python -m app` as a process: what a shell sees of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def gateway(folder: Path, *arguments: str, stdout: int = subprocess.PIPE) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environment |= {"PYTHONPATH": str(Path.cwd()), "GATEWAY_STATE_DIR": str(folder / "state")}
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        stdout=stdout, stderr=subprocess.PIPE, cwd=folder, env=environment, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_results_and_complaints_go_apart(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text("routes: {a: {match: {paths: [/a]}, respond: {}}}")
    good = gateway(tmp_path, "check")
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("gateway.yaml: 0 services, 1 route, 0 warnings, digest ")
    bad = gateway(tmp_path, "check", "nowhere.yaml")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == "nowhere.yaml: does not exist\n1 problem\n"


def test_a_request_is_explained(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text("routes: {a: {match: {paths: [/a]}, respond: {status: 204}}}")
    found = gateway(tmp_path, "explain", "GET", "/a")
    assert found.returncode == 0
    assert "answer     respond 204\n" in found.stdout
    assert gateway(tmp_path, "explain", "GET", "/b").returncode == 1


def test_unknown_options_are_bad_input(tmp_path: Path) -> None:
    wrong = gateway(tmp_path, "serve", "--colour", "red")
    assert wrong.returncode == 2
    assert "No such option" in wrong.stderr
    assert "Traceback" not in wrong.stderr


@pytest.mark.parametrize("command", ["--version", "schema"])
def test_a_reader_that_is_gone_is_no_mistake(tmp_path: Path, command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = gateway(tmp_path, command, stdout=writing)
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, "")
