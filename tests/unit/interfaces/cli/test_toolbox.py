"""What commands exchange with the rest: lines of a refusal, names of options."""

from app.interfaces.cli.toolbox import Refused, SettingRow


def test_a_refusal_keeps_its_lines_and_reads_as_them() -> None:
    refused = Refused("port in use", "no such file")
    assert (refused.lines, str(refused)) == (("port in use", "no such file"), "port in use\nno such file")


def test_options_are_spelled_with_hyphens() -> None:
    assert SettingRow("head_timeout", "GATEWAY_HEAD_TIMEOUT", "10s", "default").option == "--head-timeout"
