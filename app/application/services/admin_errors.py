"""Why the control plane refuses what it is asked for. Not for a store that fails: `control_ports.StoreError`."""

from collections.abc import Sequence

from app.domain.control_ports import StoreConflict
from app.domain.entities.config import ConfigProblem


class UnknownEntity(Exception):
    """Nothing is stored under that id."""

    def __init__(self, section: str, id_: str) -> None:
        super().__init__(f"{section}.{id_} does not exist; the list of {section} tells what does")
        self.section = section
        self.id = id_


class InvalidConfig(Exception):
    """A change with mistakes; nothing was written. Carries every problem found."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = list(problems)


class ConfigChanged(StoreConflict):
    """The whole configuration is not the one any more that the caller expects; nothing was written."""

    def __init__(self) -> None:
        Exception.__init__(self, "the configuration was changed by somebody else meanwhile: read it again")
        self.section = ""
        self.id = ""
