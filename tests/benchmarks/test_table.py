"""Rows, remarks and Markdown."""

from benchmarks.rig.model import BACKEND, Result, Sample
from benchmarks.rig.table import header, markdown, remarks, rich_table, rows
from tests.benchmarks.results import report, result, sample


def measured() -> Result:
    return result(
        sample("Envoy", 1, 20_000.0),
        sample("gateway, Granian", 1, 25_000.0),
        sample("Envoy", 2, 10_000.0),
        sample("gateway, Granian", 2, 13_000.0),
    )


def test_columns_and_rows() -> None:
    table = measured()
    assert header(table) == ["subject", "requests/s min", "median", "max", "x Envoy", "CPU us/request", "errors"]
    assert rows(table) == [
        ["Envoy", "10,000", "15,000", "20,000", "1.00", "75.0", "0"],
        ["gateway, Granian", "13,000", "19,000", "25,000", "1.27", "58.5", "0"],
        [BACKEND, "-", "100,000", "-", "-", "-", "0"],
    ]
    assert remarks(table) == []


def test_without_a_peer_there_is_no_ratio() -> None:
    table = result(sample("gateway, Granian", 1, 25_000.0), reference="")
    assert header(table) == ["subject", "requests/s min", "median", "max", "CPU us/request", "errors"]
    assert rows(table)[0] == ["gateway, Granian", "25,000", "25,000", "25,000", "40.0", "0"]


def test_a_run_with_errors_shows_them_instead_of_figures() -> None:
    table = result(sample("Envoy", 1, 20_000.0), sample("Caddy", 1, 90_000.0, errors=1234))
    assert rows(table)[1] == ["Caddy", "-", "-", "-", "-", "-", "1,234"]
    assert any("errors" in line for line in remarks(table))


def test_a_subject_that_failed_is_named_with_its_reason() -> None:
    table = result(sample("Envoy", 1, 20_000.0), Sample("HAProxy", 1, {}, problem="it ended with 1: no such option"))
    assert rows(table)[1] == ["HAProxy", "-", "-", "-", "-", "-", "failed"]
    assert "HAProxy failed: it ended with 1: no such option" in remarks(table)


def test_a_subject_as_fast_as_the_backend_is_marked() -> None:
    table = result(sample("Envoy", 1, 20_000.0), sample("HAProxy", 1, 95_000.0))
    assert [row[0] for row in rows(table)] == ["Envoy", "HAProxy *", BACKEND]
    assert any(line.startswith("*") for line in remarks(table))


def test_a_disturbed_sample_is_told() -> None:
    table = result(sample("Envoy", 1, 20_000.0), sample("gateway", 1, 9_000.0, others=0.38))
    assert any("38%" in line for line in remarks(table))


def test_what_was_left_out_is_named() -> None:
    table = measured()
    table.missing["Caddy"] = "not installed"
    assert remarks(table) == ["left out: Caddy: not installed"]


def test_markdown() -> None:
    not_run = Result("h2", "Other requests", [], problem="h2load (package nghttp2-client) is not installed")
    text = markdown(report(measured(), not_run))
    assert "| subject | requests/s min | median | max | x Envoy | CPU us/request | errors |" in text
    assert "| --- | --: | --: | --: | --: | --: | --: |" in text
    assert "| gateway, Granian | 13,000 | 19,000 | 25,000 | 1.27 | 58.5 | 0 |" in text
    assert "2026-11-24" in text
    assert "2 x Test CPU" in text
    assert "Not measured: h2load (package nghttp2-client) is not installed." in text


def test_the_table_of_the_terminal_has_every_row() -> None:
    table = rich_table(measured(), "gateway")
    assert table.row_count == 3
    assert [bool(row.style) for row in table.rows] == [False, True, False]


def test_what_means_something_in_markdown_is_escaped() -> None:
    text = markdown(report(result(sample("Envoy", 1, 20_000.0), sample("a|b", 1, 95_000.0))))
    assert "| a\\|b \\* | 95,000 |" in text
    assert "- \\* as fast as" in text
