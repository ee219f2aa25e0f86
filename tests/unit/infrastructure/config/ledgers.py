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


def issuer(name: str = "a", **more: Any) -> bytes:
    given = {"issuer": name, "audience": "api", "algorithms": ["RS256"], "jwks": f"https://{name}/jwks"}
    return text({**given, **more})


def key(number: int) -> dict[str, str]:
    return {"sha256": f"{number:064x}"}


def consumer(*numbers: int, **more: Any) -> bytes:
    """With an API key for each number."""
    return text({"api_keys": [key(number) for number in numbers], **more})


def of_issuer(name: str, subject: str = "s", **more: Any) -> bytes:
    """A consumer that is known by tokens."""
    return text({"subjects": [{"issuer": name, "subject": subject}], **more})


def chain(*names: str, **more: Any) -> bytes:
    """Of other chains."""
    return text({"filters": [{"use": name} for name in names], **more})


def chained(*names: str, **more: Any) -> bytes:
    """A route with chains."""
    return route(filters=[{"use": name} for name in names], **more)


def token(name: str) -> bytes:
    """A chain that asks for tokens of an issuer, in its short form."""
    return text([{"token": name}])
