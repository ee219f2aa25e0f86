"""Programs by what they say they are."""

import pytest

from app.domain.policies.user_agents import AgentRules, UserAgents
from app.domain.ports import RegexSearch
from app.infrastructure.config.regex import compile_regex


def rules(deny: list[str], allow: list[str] | None = None, *, refuse_empty: bool = False) -> AgentRules:
    return AgentRules(
        UserAgents(allow or [], compile_regex), UserAgents(deny, compile_regex), refuse_empty=refuse_empty
    )


def test_a_name_is_found_anywhere_in_any_case() -> None:
    some = rules(["SemrushBot", "curl/"])
    assert some.refuses(b"Mozilla/5.0 (compatible; semrushbot/7~bl)")
    assert some.refuses(b"curl/8.1")
    assert not some.refuses(b"Mozilla/5.0 Firefox/140")


def test_an_expression_is_searched_as_it_is_written() -> None:
    some = rules(["~(?i)bot\\b", "~^Go-http-client/1"])
    assert some.refuses(b"SomeBot 1")
    assert some.refuses(b"Go-http-client/1.1")
    assert not some.refuses(b"robots are fine")
    assert not some.refuses(b"go-http-client/1.1")


def test_exceptions_come_first() -> None:
    some = rules(["~(?i)bot"], ["Googlebot"])
    assert not some.refuses(b"Googlebot/2.1")
    assert some.refuses(b"OtherBot/2.1")


def test_an_empty_name_is_refused_only_when_asked_for() -> None:
    assert not rules(["x"]).refuses(b"")
    assert rules([], refuse_empty=True).refuses(b" ")


def test_bytes_that_are_no_text_are_looked_at_too() -> None:
    assert rules(["bad"]).refuses(b"\xff\xfebad")


def test_an_expression_that_cannot_be_used_is_named() -> None:
    with pytest.raises(ValueError, match=r"'~\(': not a regular expression"):
        UserAgents(["~("], compile_regex)


def test_verdicts_are_remembered_and_the_memory_is_bounded() -> None:
    asked: list[str] = []

    class Counting:
        def search(self, text: str) -> bool:
            asked.append(text)
            return True

        def fullmatch(self, text: str) -> bool:
            raise AssertionError(text)

    def compile_counting(_: str) -> RegexSearch:
        return Counting()

    some = AgentRules(UserAgents([], compile_regex), UserAgents(["~x"], compile_counting), refuse_empty=False)
    assert [some.refuses(b"a"), some.refuses(b"a")] == [True, True]
    assert asked == ["a"]
    for number in range(1100):
        some.refuses(b"%d" % number)
    some.refuses(b"a")
    assert asked.count("a") == 2
    some.refuses(b"y" * 600)
    some.refuses(b"y" * 600)
    assert asked.count("y" * 600) == 2
