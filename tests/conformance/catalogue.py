"""All cases, in the order of their ids. Where others are tested is in `elsewhere`."""

from typing import Final

from tests.conformance.case import Case
from tests.conformance.subjects import (
    answers,
    exchanges,
    fields,
    framing,
    hosts,
    limits,
    smuggling,
    targets,
    upgrades,
)

SUBJECTS: Final = (fields, hosts, framing, targets, answers, limits, exchanges, upgrades, smuggling)
CASES: Final[list[Case]] = sorted(
    (case for subject in SUBJECTS for case in subject.CASES), key=lambda case: ("PAF".index(case.id[0]), case.id)
)
