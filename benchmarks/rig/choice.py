"""What the options of the command line choose: workloads and subjects by name."""

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from benchmarks.rig.alone import Routes
from benchmarks.rig.model import Amount, Settings
from benchmarks.rig.subject import Subject
from benchmarks.rig.usage import MIB
from benchmarks.rig.workload import Workload

WARM_UP = Amount(2.0, 64 * MIB, 0)
FULL = Settings(3, Amount(5.0, 1024 * MIB, 10_000), WARM_UP)
QUICK = Settings(1, Amount(1.0, 128 * MIB, 1_000), Amount(1.0, 16 * MIB, 0))


Named = TypeVar("Named", bound=Workload | Routes)


class UnknownName(Exception):
    """An option names something that is not there."""


def names_in(text: str) -> list[str]:
    """`a, b` as its parts, in lower case."""
    return [name.strip().lower() for name in text.split(",") if name.strip()]


def choose_workloads(text: str, known: Iterable[Named]) -> list[Named]:
    """Those that `text` names, or all when it names none. Raises UnknownName."""
    every = list(known)
    wanted = names_in(text)
    unknown = sorted(set(wanted) - {workload.name for workload in every})
    if unknown:
        there = ", ".join(workload.name for workload in every)
        raise UnknownName(f"no workload {', '.join(unknown)}; there are {there}")
    return [workload for workload in every if not wanted or workload.name in wanted]


def choose_subjects(text: str, known: Iterable[Subject]) -> list[Subject]:
    """Those whose name has one of the words in `text`: `granian` is the gateway under Granian, and Granian alone.

    Raises UnknownName for a word that is in no name.
    """
    every = list(known)
    wanted = set(names_in(text))
    words = {subject.name: set(re.findall(r"\w+", subject.name.lower())) for subject in every}
    unknown = sorted(wanted.difference(*words.values()))
    if unknown:
        raise UnknownName(f"no subject {', '.join(unknown)}; there are {'; '.join(words)}")
    return [subject for subject in every if not wanted or words[subject.name] & wanted]


def choose_settings(given: Mapping[str, float | None], *, quick: bool) -> Settings:
    """`rounds`, `seconds`, `warmup` (seconds), `body` (MiB) and `connections`; what is not given is as usual."""
    usual = QUICK if quick else FULL

    def chosen(name: str, otherwise: float) -> float:
        value = given.get(name)
        return otherwise if value is None else value

    measured = usual.measured
    return Settings(
        int(chosen("rounds", usual.rounds)),
        Amount(
            chosen("seconds", measured.seconds),
            int(chosen("body", measured.body / MIB) * MIB),
            int(chosen("connections", measured.connections)),
        ),
        Amount(chosen("warmup", usual.warmup.seconds), usual.warmup.body, usual.warmup.connections),
    )
