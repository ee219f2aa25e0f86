"""docs/conformance.md lists what is tested; that it is true is for `test_cases` to say."""

import re
from pathlib import Path

import pytest

from tests.conformance import page
from tests.conformance.case import SERVERS, Limit
from tests.conformance.catalogue import CASES
from tests.conformance.elsewhere import ELSEWHERE

ROOT = Path(__file__).resolve().parents[2]
TAKEN_OUT = {38, 39, *range(55, 60)}
"""Numbers of P- cases that do not exist."""


def test_the_page_lists_every_case() -> None:
    assert page.PAGE.read_text() == page.render(), "run python -m tests.conformance.page"


def test_every_case_of_the_list_is_tested() -> None:
    wanted = {f"P-{number:02}" for number in range(1, 67) if number not in TAKEN_OUT | {19}}
    wanted |= {
        "A-08",
        "A-09",
        "A-10",
        "A-11",
        "A-12",
        "A-13",
        "A-32",
        "A-35",
        "A-30",
        "A-31",
        "A-33",
        "A-34",
        "A-36",
        "A-39",
        "A-41",
        "F-14",
        "F-15",
        "F-16",
    }
    assert wanted - {case.id for case in CASES} - set(ELSEWHERE) == set()


@pytest.mark.parametrize("place", [place for places in ELSEWHERE.values() for place in places])
def test_what_is_tested_elsewhere_is_there(place: str) -> None:
    file, _, name = place.partition("::")
    assert re.search(rf"^(async )?def {name or 'test_'}", (ROOT / file).read_text(), re.MULTILINE)


def test_a_page_is_only_written_of_a_whole_run() -> None:
    outcomes = {
        f"{case.label}[{server}]": "skipped" if isinstance(case.outcome[server], Limit) else "passed"
        for case in CASES
        for server in SERVERS
    }
    assert page.ran_as_said(outcomes)
    first = next(iter(outcomes))
    assert not page.ran_as_said(outcomes | {first: "failed"})
    del outcomes[first]
    assert not page.ran_as_said(outcomes)
