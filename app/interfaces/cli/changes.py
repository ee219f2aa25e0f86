"""How plans and outcomes read: what is added, changed and removed, field by field. Not for making them."""

import json
from collections.abc import Iterator
from typing import Final

from app.domain.entities.control import Document, EntityChange, Outcome, Plan
from app.interfaces.cli.output import complain, say, say_json

_SIGNS: Final = {"added": "+", "changed": "~", "removed": "-"}
_VERBS: Final = {"added": "add", "changed": "change", "removed": "remove"}
_LONGEST: Final = 200
_NOTHING: Final = object()


def tell_plan(plan: Plan) -> None:
    """A plan without problems, for people: results on standard output, warnings on standard error."""
    for change in plan.changes:
        say(f"{_SIGNS[change.difference]} {change.section}.{change.id}")
        for line in fields_of(change):
            say(f"    {line}")
    say(summary(plan.changes))
    complain(f"warning: {warning}" for warning in plan.warnings)


def tell_outcome(outcome: Outcome, *, as_json: bool, planned: bool = False) -> None:
    """What a change led to; after its plan was shown, only whether it is live."""
    if as_json:
        say_json(outcome)
        return
    if not planned:
        complain(f"warning: {warning}" for warning in outcome.warnings)
        for change in outcome.changes:
            say(f"{change.difference} {change.section}.{change.id}")
    if not outcome.changes:
        say("nothing changed")
    elif outcome.revision:
        say(" ".join(part for part in (f"live in revision {outcome.revision}", _digest(outcome)) if part))
    else:
        say("stored; not seen live yet: `gateway status` tells when it is")


def summary(changes: tuple[EntityChange, ...]) -> str:
    """`1 to add, 2 to change`, or that nothing would change."""
    counts = {difference: sum(one.difference == difference for one in changes) for difference in _SIGNS}
    said = [f"{count} to {_VERBS[difference]}" for difference, count in counts.items() if count]
    return ", ".join(said) or "nothing would change"


def fields_of(change: EntityChange) -> list[str]:
    """The fields that differ, `timeouts.response: "10s" -> "5s"`; of what is new, all of them."""
    if change.difference == "removed":
        return []
    before, after = dict(_fields(change.before, "")), dict(_fields(change.after, ""))
    lines = []
    for field in [*after, *(field for field in before if field not in after)]:
        old, new = before.get(field, _NOTHING), after.get(field, _NOTHING)
        if _text(old) == _text(new):
            continue
        known = old is not _NOTHING
        lines.append(f"{field}: {_shown(old)} -> {_shown(new)}" if known else f"{field}: {_shown(new)}")
    return lines


def _digest(outcome: Outcome) -> str:
    return f"with digest {outcome.digest}" if outcome.digest else ""


def _fields(value: Document, path: str) -> Iterator[tuple[str, object]]:
    """Every value that is no container, by its path; empty containers too."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _fields(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _fields(inner, f"{path}[{index}]")
    elif path:
        yield path, value


def _text(value: object) -> str:
    return "nothing" if value is _NOTHING else json.dumps(value, ensure_ascii=False)


def _shown(value: object) -> str:
    text = _text(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
