"""All cases, in the order of their ids. Where others are tested is in `elsewhere`."""

from typing import Final

from tests.conformance.case import Case
from tests.conformance.subjects import answers, exchanges, fields, framing, limits, smuggling, targets

SUBJECTS: Final = (fields, framing, targets, answers, limits, exchanges, smuggling)
CASES: Final[list[Case]] = sorted((case for subject in SUBJECTS for case in subject.CASES), key=lambda case: case.id)
