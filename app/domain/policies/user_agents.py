"""Which programs may ask, by what they say they are. It keeps out those that do not lie, and nobody else."""

from collections.abc import Iterable
from typing import Final

from app.domain.ports import RegexCompiler, RegexSearch

_REMEMBERED: Final = 1024
_LONGEST_REMEMBERED: Final = 512


class UserAgents:
    """Some text that is a part of User-Agent in any letter case, or, after `~`, an expression that is found in it."""

    def __init__(self, patterns: Iterable[str], compile_regex: RegexCompiler) -> None:
        """Raises ValueError with the pattern that cannot be used."""
        names: list[str] = []
        regexes: list[RegexSearch] = []
        for pattern in patterns:
            if not pattern.startswith("~"):
                names.append(pattern.lower())
                continue
            try:
                regexes.append(compile_regex(pattern[1:]))
            except ValueError as error:
                raise ValueError(f"{pattern!r}: {error}") from None
        self._names: Final = tuple(names)
        self._regexes: Final = tuple(regexes)

    def has(self, agent: str) -> bool:
        """Whether one of the patterns fits."""
        lower = agent.lower()
        return any(name in lower for name in self._names) or any(regex.search(agent) for regex in self._regexes)


class AgentRules:
    """Exceptions first, then who is refused. Verdicts are remembered; the memory is bounded in bytes too."""

    def __init__(self, allow: UserAgents, deny: UserAgents, *, refuse_empty: bool) -> None:
        self._allow: Final = allow
        self._deny: Final = deny
        self._refuse_empty: Final = refuse_empty
        self._verdicts: dict[bytes, bool] = {}

    def refuses(self, agent: bytes) -> bool:
        """Whether who sends this User-Agent may not pass; without the field it is empty."""
        verdict = self._verdicts.get(agent)
        if verdict is None:
            verdict = self._verdict(agent)
            if len(agent) <= _LONGEST_REMEMBERED:
                if len(self._verdicts) >= _REMEMBERED:
                    self._verdicts.clear()
                self._verdicts[agent] = verdict
        return verdict

    def _verdict(self, agent: bytes) -> bool:
        text = agent.decode("utf-8", "replace").strip()
        if not text:
            return self._refuse_empty
        return not self._allow.has(text) and self._deny.has(text)
