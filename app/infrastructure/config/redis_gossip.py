"""How the gateways of one store share the work of reading it. Soft: whoever may not take part reads alone.

What is agreed here is who does the work, never what is stored: everyone reads the values for themselves.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.infrastructure.config.redis_connection import Argument
from app.infrastructure.config.redis_errors import RedisRefused
from app.infrastructure.config.redis_notice import Notice, decode_notice, encode_notice
from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_session import RedisSession

_HELD: Final = 2000
"""Milliseconds after which another may read when the reader is not heard of any more."""


class RedisGossip:
    """Methods raise RedisGone."""

    def __init__(self, options: RedisOptions) -> None:
        self._key = options.reading
        self._channel = options.changes
        self._name = secrets.token_hex(8)
        self._is_reader = False

    def listen(self, session: RedisSession) -> None:
        """Be told from now on what others find and write."""
        session.of(self._key).subscribe(self._channel)

    def may_read(self, session: RedisSession) -> bool:
        """Whether the reading of a changed hash is up to us."""
        if not self._is_reader:
            self._is_reader = bool(self._try(session, "SET", self._key, self._name, "NX", "PX", _HELD))
        return self._is_reader

    def tell(self, session: RedisSession, found: Mapping[str, Sequence[str]]) -> None:
        """If we were the reader: let the others know what we found, by section, and let others read."""
        if not self._is_reader:
            return
        self._is_reader = False
        notice = encode_notice("found", self._name, found)
        if notice is not None:
            self._try(session, "PUBLISH", self._channel, notice)
        self._try(session, "DEL", self._key)

    def heard(self, message: bytes) -> Notice | None:
        """What another one says; None for our own words and for what is no notice."""
        notice = decode_notice(message)
        return None if notice is None or notice.sender == self._name else notice

    def _try(self, session: RedisSession, *command: Argument) -> Any:
        """The answer; True where we are not allowed to ask."""
        try:
            return session.call(self._key, *command)
        except RedisRefused:
            return True
