"""Writes docs/conformance.md from a run: `python -m tests.conformance.page`. Not for judging: pytest does.

The page is left as it was when any case does not turn out as its table says.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conformance.case import SERVERS, Case, Limit
from tests.conformance.catalogue import CASES
from tests.conformance.elsewhere import ELSEWHERE

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"
_INTRODUCTION: Final = """\
# Conformance

What a gateway must survive, case by case, under [each server](servers.md): real sockets, raw bytes, and a backend that
records every byte it is sent. `python -m tests.conformance.page` runs the cases and writes this page.

- **pass**: what the case says holds.
- **gateway 400**: refused with that status and problem+json. **server 400**: refused by the server's own parser, with
  no record in the access log. The backend saw not one byte (of a body in chunks: never a whole request). The connection
  was closed, unless it says *kept*.
- **GOAWAY ENHANCE_YOUR_CALM**, **connection error** (GOAWAY with another code), **stream error** (RST_STREAM): how
  HTTP/2 was refused, over TLS and, where the server speaks it, in clear text. A good client was served afterwards, and
  the worker came to rest.
- **limit**: the server lets the case through and the gateway cannot see it; the test expects that, strictly. No case of
  A-30 is among them: whatever passes, the service sees the one request that the gateway wrote.

Ids that begin with WS- are those of the Autobahn test suite (sections 1 to 7, 9, 10), rewritten: sent by a client, or
by the service. Section 9 keeps its sizes of fragments and writes, but sends fewer of them.

No case writes a traceback to the log.
"""


class Results:
    """Collects how each case ended: a pytest plugin."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of a case; an expected failure counts as skipped."""
        if report.when == "call" and "::test_case[" in report.nodeid:
            self.outcomes[report.nodeid.split("::test_case[", 1)[1].removesuffix("]")] = report.outcome


def ran_as_said(outcomes: dict[str, str]) -> bool:
    """Whether every case was run under every server, and ended as its table says."""
    return all(
        outcomes.get(f"{case.label}[{server}]") == ("skipped" if isinstance(case.outcome[server], Limit) else "passed")
        for case in CASES
        for server in SERVERS
    )


def render() -> str:
    """The page."""
    return "\n".join([_INTRODUCTION, *_table(), "", *_elsewhere()])


def _table() -> Iterator[str]:
    yield "| id | case | builtin | Granian | Hypercorn |"
    yield "|---|---|---|---|---|"
    for case in CASES:
        yield f"| {case.id} | {_cell(case.what)} | {' | '.join(_outcome(case, server) for server in SERVERS)} |"


def _outcome(case: Case, server: str) -> str:
    outcome = case.outcome[server]
    return f"**limit**: {_cell(outcome)}" if isinstance(outcome, Limit) else outcome


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _elsewhere() -> Iterator[str]:
    yield "## More of them"
    yield ""
    yield "Cases that take time, or need HTTP/2 or WebSockets, are covered by tests of their own."
    yield ""
    yield "| id | tests |"
    yield "|---|---|"
    for ref, tests in ELSEWHERE.items():
        yield f"| {ref} | {', '.join(f'`{test}`' for test in tests)} |"
    yield ""


def main() -> int:
    """Run the cases, write the page; the exit code of pytest, or 1 when a case was not run."""
    results = Results()
    code = int(pytest.main(["-q", str(Path(__file__).parent / "test_cases.py")], plugins=[results]))
    if code == 0 and not ran_as_said(results.outcomes):
        code = 1
    if code == 0:
        PAGE.write_text(render())
    return code


if __name__ == "__main__":
    sys.exit(main())
