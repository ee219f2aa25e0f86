"""Printing: what another program reads is whole and without colour, what a terminal shows fits it."""

import re

import pytest

from app.interfaces.cli.output import plain, say_table

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
LONG = "x" * 300


def test_control_characters_are_made_visible() -> None:
    assert plain("a\x1b[31m\nb\tc é") == "a\\x1b[31m\\nb\\tc é"


def test_no_terminal_gets_whole_lines_without_colour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    say_table(["a", "b"], [["[bold]", LONG]])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert any(line.split() == ["[bold]", LONG] for line in out.splitlines())


def test_a_narrow_terminal_gets_folded_cells(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    say_table(["a", "b"], [["id", LONG]])
    out = capsys.readouterr().out
    assert max(len(_ESCAPE.sub("", line)) for line in out.splitlines()) == 40
    assert out.count("x") == 300
    assert "\x1b[36m" not in out
