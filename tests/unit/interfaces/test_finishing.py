"""The fields that every answer carries (P-13)."""

from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.interfaces.finishing import Finishing
from tests.fakes import request


def finished(finishing: Finishing, *headers: tuple[bytes, bytes], ours: bool = False) -> Headers:
    response = Response(200, list(headers))
    finishing.finish(response, Exchange("r-1", request(), 0.0), ours=ours)
    return response.headers


def test_the_request_id_is_always_there() -> None:
    assert finished(Finishing(lambda: 0.0, others=False), (b"a", b"b")) == [(b"a", b"b"), (b"x-request-id", b"r-1")]


def test_p13_a_date_is_added_where_the_server_adds_none() -> None:
    date = [(b"date", b"Sun, 06 Nov 1994 08:49:37 GMT")]
    assert finished(Finishing(lambda: 784111777.9, others=True))[1:] == date
    assert finished(Finishing(lambda: 784111777.9, others=False), ours=True)[1:] == date


def test_p13_the_services_date_stays_the_only_one() -> None:
    assert finished(Finishing(lambda: 0.0, others=True), (b"date", b"D")) == [
        (b"date", b"D"),
        (b"x-request-id", b"r-1"),
    ]


def test_the_date_moves_with_the_clock_and_not_within_a_second() -> None:
    times = iter([0.0, 0.9, 1.0, 3600.0])
    finishing = Finishing(lambda: next(times), others=True)
    clock = [dict(finished(finishing))[b"date"][-12:-4] for _ in range(4)]
    assert clock == [b"00:00:00", b"00:00:00", b"00:00:01", b"01:00:00"]


def test_p13_answers_without_an_exchange_have_a_date_too() -> None:
    assert Finishing(lambda: 0.0, others=True).date(ours=False) == [(b"date", b"Thu, 01 Jan 1970 00:00:00 GMT")]
    assert len(Finishing(lambda: 0.0, others=False).date(ours=True)) == 1
    assert Finishing(lambda: 0.0, others=False).date(ours=False) == []


def test_who_may_ask_is_told_under_which_configuration_the_exchange_ran() -> None:
    asked = Exchange("r-1", request(), 0.0)
    asked.revision, asked.debug = 7, "0123456789abcdef"
    response = Response(200, [])
    Finishing(lambda: 0.0, others=False).finish(response, asked, ours=False)
    assert response.headers[1:] == [(b"x-gateway-revision", b"7"), (b"x-gateway-digest", b"0123456789abcdef")]
