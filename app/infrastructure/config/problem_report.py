"""Gathers what is wrong with a document, and gives it to people. Not for finding it."""

from app.domain.entities.config import ConfigProblem
from app.infrastructure.config import field_path
from app.infrastructure.config.documents import LineOf
from app.infrastructure.config.field_path import Found, Path


class Report:
    """Gathers problems; the first reason of each place counts, what follows from it does not."""

    def __init__(self, known: list[Found]) -> None:
        self.found: list[Found] = []
        self._taken: set[Path] = set()
        self.add((), known)

    def add(self, above: Path, found: list[Found]) -> None:
        """Take problems of what is at `above`."""
        for path, reason in found:
            place = (*above, *path)
            if place not in self._taken:
                self._taken.add(place)
                self.found.append((place, reason))

    def problems(self, source: str, line_of: LineOf) -> list[ConfigProblem]:
        """All of them, in the order of their lines."""
        problems = [
            ConfigProblem(source, field_path.render(path[:2]), field_path.render(path[2:]), reason, line_of(path))
            for path, reason in self.found
        ]
        return sorted(problems, key=lambda problem: problem.line)
