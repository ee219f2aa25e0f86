"""What a request works out of its parts."""

from app.domain.entities.request import Client, Request


def request(query: str) -> Request:
    return Request(
        method="GET",
        scheme="http",
        authority="a.example",
        host="a.example",
        path="/users/42",
        query=query,
        headers=[],
        fields={},
        client=Client(address="192.0.2.1", peer="192.0.2.1"),
    )


def test_the_target_holds_the_query() -> None:
    assert request("page=2").target == "/users/42?page=2"


def test_the_target_without_a_query_has_no_question_mark() -> None:
    assert request("").target == "/users/42"


def test_clients_are_equal_when_their_parts_are() -> None:
    one, same = Client("192.0.2.1", "10.0.0.1", 80, True), Client("192.0.2.1", "10.0.0.1", 80, True)
    assert one == same
    assert hash(one) == hash(same)
    assert one != Client("192.0.2.1", "10.0.0.1", 80)
    assert one != "192.0.2.1"
    assert repr(one) == "Client('192.0.2.1', '10.0.0.1', 80, True)"
