"""All cases, in the order of their ids. Where others are tested is in `elsewhere`."""

import re
from typing import Final

from tests.conformance.case import Case
from tests.conformance.subjects import (
    answers,
    exchanges,
    fields,
    framing,
    hosts,
    http2_downgrade,
    http2_floods,
    http2_resets,
    limits,
    pauses,
    smuggling,
    targets,
    upgrades,
    websocket_breaches,
    websocket_close,
    websocket_framing,
    websocket_handshakes,
    websocket_limits,
    websocket_sizes,
    websocket_text,
)

SUBJECTS: Final = (
    fields,
    hosts,
    framing,
    targets,
    answers,
    limits,
    exchanges,
    upgrades,
    smuggling,
    http2_downgrade,
    http2_floods,
    http2_resets,
    pauses,
    websocket_handshakes,
    websocket_limits,
    websocket_framing,
    websocket_breaches,
    websocket_text,
    websocket_close,
    websocket_sizes,
)


def place(case: Case) -> tuple[int, list[int]]:
    """In the order of the project's list; numbers count as numbers."""
    kind, *numbers = re.split("[-.]", case.id)
    return "PAFW".index(kind[0]), [int(number) for number in numbers]


CASES: Final[list[Case]] = sorted((case for subject in SUBJECTS for case in subject.CASES), key=place)
