"""Bodies that are read before a service gets them."""

import pytest

from app.application.services.whole_body import read_whole
from app.domain.refusals import BodyTooLarge
from tests.fakes import request
from tests.transport_harness import Parts


async def test_a_body_is_held_as_bytes_from_then_on() -> None:
    asked = request(body=Parts(b"ab", b"", b"c"), length=None)
    assert await read_whole(asked, 3) == b"abc"
    assert (asked.body, asked.length) == (b"abc", 3)
    assert await read_whole(asked, 0) == b"abc"


async def test_more_than_allowed_is_not_read() -> None:
    declared = Parts(b"abcd")
    with pytest.raises(BodyTooLarge):
        await read_whole(request(body=declared, length=4), 3)
    assert await anext(declared) == b"abcd"
    with pytest.raises(BodyTooLarge, match="at most 3 bytes"):
        await read_whole(request(body=Parts(b"ab", b"cd", b"ef"), length=None), 3)
