"""The script that changes the store: every edit, or none. Not for talking to the server: `redis_store`."""

from collections.abc import Sequence
from hashlib import sha1
from typing import Final, Literal

import msgspec

from app.domain.entities.control import Edit
from app.infrastructure.config.redis_connection import Argument

SCRIPT: Final = """
for _, key in ipairs(KEYS) do redis.call('HLEN', key) end
for i = 4, #ARGV, 5 do
  local key, id, expected = KEYS[tonumber(ARGV[i])], ARGV[i + 1], ARGV[i + 2]
  if expected ~= 'any' then
    local stored = redis.call('HGET', key, id)
    local version = stored and redis.sha1hex(stored) or ''
    if version ~= expected then return (i - 4) / 5 end
  end
end
if ARGV[1] == 'check' then return -1 end
if ARGV[3] ~= '' then redis.pcall('PUBLISH', ARGV[2], ARGV[3]) end
for i = 4, #ARGV, 5 do
  local key, id = KEYS[tonumber(ARGV[i])], ARGV[i + 1]
  if ARGV[i + 3] == 'set' then redis.call('HSET', key, id, ARGV[i + 4]) else redis.call('HDEL', key, id) end
end
return -1
"""
"""Answers the number of the edit whose expected version is not there, from 0, or -1 when there is none.

HLEN first, because it is an error when a key is no hash: nothing must have been written by then.
"""

SHA: Final = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()

_ANY: Final = "any"


def version_of(value: bytes) -> str:
    """The version of what is stored: SHA-1 in hexadecimal, which the server can compute too. Not for security."""
    return sha1(value, usedforsecurity=False).hexdigest()


def arguments(
    mode: Literal["check", "write"], edits: Sequence[Edit], keys: Sequence[str], prefix: str, notice: tuple[str, bytes]
) -> list[Argument]:
    """What the script is called with. `notice` is a channel and what to say there, empty for nothing.

    Raises ValueError for a document that is no JSON.
    """
    made: list[Argument] = [len(keys), *keys, mode, *notice]
    for edit in edits:
        made.append(keys.index(f"{prefix}:{edit.section}") + 1)
        made += [edit.id.encode(), _ANY if edit.expected is None else edit.expected]
        made += ["del", ""] if edit.document is None else ["set", _text(edit)]
    return made


def _text(edit: Edit) -> bytes:
    try:
        return msgspec.json.encode(edit.document)
    except (TypeError, UnicodeEncodeError, RecursionError) as error:
        raise ValueError(f"{edit.section}.{edit.id} cannot be written as JSON: {error}") from None
