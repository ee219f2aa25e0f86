"""That the tests' own reader of access logs never takes half a record for a whole one."""

from pathlib import Path

from tests.integration.gateway_process import whole_lines


def test_a_line_that_is_still_being_written_is_left_for_the_next_look(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text('{"path": "/a"}\n{"path": "/b')

    assert whole_lines(log) == ['{"path": "/a"}\n']
