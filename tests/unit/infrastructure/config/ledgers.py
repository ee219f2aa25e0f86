"""A ledger over the real decoder, and entries for it. Not a test."""

import json
from typing import Any

from app.domain.entities.config import ConfigChange
from app.infrastructure.config.entity_intake import LedgerLimits
from app.infrastructure.config.entity_ledger import EntityLedger
from app.infrastructure.config.entity_steps import Steps
from tests.fakes import RecordedEvents
from tests.unit.infrastructure.config.strategies import entity_decoder

HINT = "gateway:allow-empty"


def place(section: str, id_: str) -> str:
    return " ".join(part for part in ("store", section, id_) if part)


class Ledger(EntityLedger):
    """A ledger whose events are kept."""

    def __init__(self, limits: LedgerLimits | None = None, hint: str = HINT) -> None:
        self.events = RecordedEvents()
        super().__init__(entity_decoder(), self.events, limits or LedgerLimits(), place, hint)

    def told(self) -> list[str]:
        """Events since this was called last: `error …` and `info …`."""
        seen, self.events.seen = self.events.seen, []
        return [f"{level} {' '.join(map(str, fields.values()))}" for level, _, fields in seen]

    def refused(self) -> list[str]:
        return [str(problem) for problem in self.problems]


def pieces(steps: Steps[ConfigChange]) -> int:
    """How many pauses work makes."""
    return sum(1 for _ in steps)


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


def service(name: str = "a", **more: Any) -> bytes:
    return text({"targets": [{"url": f"http://{name}"}], **more})


def route(name: str = "a", **more: Any) -> bytes:
    return text({"url": f"http://{name}", **more})


def to(service: str, **more: Any) -> bytes:
    return text({"service": service, **more})
