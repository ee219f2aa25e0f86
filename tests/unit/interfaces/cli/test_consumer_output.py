"""A credential that was just made is told once, where scripts can take it."""

import json

import pytest

from app.domain.entities.control import Outcome
from app.interfaces.cli.consumer_output import tell_made

FACTS = {"consumer": "c", "expires": "", "key": "gwk_x"}


def test_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    tell_made(FACTS, "key", Outcome((), 0, "", ("odd",)), as_json=False)
    out, err = capsys.readouterr()
    assert out == "gwk_x\n"
    assert err.splitlines() == [
        "warning: odd",
        "consumer c: stored; not seen live yet",
        "the key is shown this once: keep it where only its owner reads it",
    ]


def test_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    tell_made(FACTS, "key", Outcome((), 7), as_json=True)
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == ({**FACTS, "revision": 7}, "")
