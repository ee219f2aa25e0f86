"""What a command is given: a file, or standard input."""

import io
import sys
from pathlib import Path

import pytest

from app.interfaces.cli.inputs import read_documents, read_value
from app.interfaces.cli.toolbox import Refused
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox


def test_a_file_has_the_format_of_its_suffix(tmp_path: Path) -> None:
    toolbox = FakeToolbox()
    file = tmp_path / "x.toml"
    file.write_text('{"routes": {}}')
    assert read_documents(toolbox, str(file)) == {"routes": {}}
    assert toolbox.asked == [("read_documents", ".toml", str(file))]


def test_standard_input_is_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    toolbox = FakeToolbox()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"7")))
    assert read_value(toolbox, "-") == 7
    assert toolbox.asked == [("read_value", ".yaml", "standard input")]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"none\.yaml: No such file or directory"):
        read_value(FakeToolbox(), str(tmp_path / "none.yaml"))
