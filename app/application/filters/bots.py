"""Filter `bots`: refuses programs by what they say they are in User-Agent. Not for those that lie."""

from typing import Final, Literal

import msgspec

from app.application.kinds import Kind, Place, read
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.policies.user_agents import AgentRules, UserAgents
from app.domain.refusals import Forbidden

NAME: Final = "bots"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `bots`. Some text fits in any letter case; `~` begins a regular expression (RE2)."""

    deny: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    """Exceptions from `deny`."""
    empty: Literal["allow", "deny"] = "allow"
    """What becomes of requests without User-Agent."""


class BotsFilter:
    """One `bots` step."""

    __slots__ = ("_rules",)

    def __init__(self, rules: AgentRules) -> None:
        self._rules: Final = rules

    def on_request(self, exchange: Exchange) -> None:
        """Raises Forbidden (403)."""
        if self._rules.refuses(exchange.request.fields.get(b"user-agent", b"")):
            raise Forbidden("this program may not pass", code="bot_refused")

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing is left to do."""


def build(options: object, tools: Tools, _: Place) -> BotsFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    decoded = read(options, Options)
    found = _problems_of(decoded)
    if found:
        raise ValueError(found[0])
    allow, deny = (UserAgents(patterns, tools.compile_regex) for patterns in (decoded.allow, decoded.deny))
    return BotsFilter(AgentRules(allow, deny, refuse_empty=decoded.empty == "deny"))


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    lists = [("deny", ", ".join(decoded.deny)), ("allow", ", ".join(decoded.allow))]
    lists.append(("deny", "those without a name" if decoded.empty == "deny" else ""))
    return "; ".join(f"{verb} {who}" for verb, who in lists if who)


def _problems_of(options: Options) -> list[str]:
    if not options.deny and options.empty == "allow":
        return ["deny: nobody is listed, and empty is not deny: the step would do nothing"]
    return [
        f"{verb}[{index}]: is empty"
        for verb, patterns in (("deny", options.deny), ("allow", options.allow))
        for index, text in enumerate(patterns)
        if not text.removeprefix("~").strip()
    ]


KIND: Final = Kind(build, describe, lambda options: _problems_of(read(options, Options)))
