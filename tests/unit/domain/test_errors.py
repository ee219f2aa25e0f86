"""The tree of errors: what each answers, and what may be set where it is raised."""

from collections.abc import Iterator

import pytest

from app.domain.errors import (
    ClientGone,
    ConnectTimeout,
    DownstreamError,
    GatewayError,
    MalformedResponse,
    NoTarget,
    Retryable,
    RouteNotFound,
    Source,
    UpstreamError,
    UpstreamReset,
)


def tree(kind: type[GatewayError] = GatewayError) -> Iterator[type[GatewayError]]:
    """Those that say something of their own: what is raised as one of another kind is none of them."""
    if "code" in vars(kind):
        yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


@pytest.mark.parametrize("kind", list(tree()))
def test_every_error_can_be_rendered(kind: type[GatewayError]) -> None:
    error = kind("why")
    assert 400 <= error.status <= 599
    assert error.code.replace("_", "").isalpha()
    assert error.title
    assert error.detail == str(error) == "why"


def test_codes_are_not_shared() -> None:
    codes = [kind.code for kind in tree()]
    assert sorted(codes) == sorted(set(codes))


def test_only_the_targets_failures_may_be_retried() -> None:
    assert {kind for kind in tree() if kind.retryable is not Retryable.NEVER} <= set(tree(UpstreamError))


@pytest.mark.parametrize(
    ("kind", "status", "source", "retryable"),
    [
        (GatewayError, 500, Source.GATEWAY, Retryable.NEVER),
        (DownstreamError, 400, Source.DOWNSTREAM, Retryable.NEVER),
        (ClientGone, 499, Source.DOWNSTREAM, Retryable.NEVER),
        (RouteNotFound, 404, Source.GATEWAY, Retryable.NEVER),
        (NoTarget, 503, Source.GATEWAY, Retryable.NEVER),
        (ConnectTimeout, 504, Source.UPSTREAM, Retryable.ALWAYS),
        (UpstreamReset, 502, Source.UPSTREAM, Retryable.IDEMPOTENT),
        (MalformedResponse, 502, Source.UPSTREAM, Retryable.NEVER),
    ],
)
def test_blame(kind: type[GatewayError], status: int, source: Source, retryable: Retryable) -> None:
    assert (kind.status, kind.source, kind.retryable) == (status, source, retryable)


def test_what_is_set_where_it_is_raised_wins() -> None:
    error = DownstreamError(
        "x", status=431, code="too_large", title="Too large", retryable=Retryable.ALWAYS, close=True, retry_after=3
    )
    assert (error.status, error.code, error.title) == (431, "too_large", "Too large")
    assert (error.retryable, error.close, error.retry_after) == (Retryable.ALWAYS, True, 3)
    assert DownstreamError.status == 400
