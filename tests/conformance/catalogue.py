"""All cases in the order of their ids, and where those are tested that are not here."""

from typing import Final

from tests.conformance.case import Case
from tests.conformance.subjects import answers, exchanges, fields, framing, limits, targets

SUBJECTS: Final = (fields, framing, targets, answers, limits, exchanges)
CASES: Final[list[Case]] = sorted((case for subject in SUBJECTS for case in subject.CASES), key=lambda case: case.id)
