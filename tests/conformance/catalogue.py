"""All cases in the order of their ids, and where those are tested that are not here."""

from typing import Final

from tests.conformance.case import Case
from tests.conformance.subjects import framing

CASES: Final[list[Case]] = sorted([*framing.CASES], key=lambda case: case.id)
