"""Changes the document of a consumer: its keys, accounts and signature keys. Pure values; not for storing them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from app.domain.entities.control import Document
from app.domain.entities.units import Duration
from app.domain.policies.api_keys import expiry
from app.interfaces.cli.toolbox import Refused

SHOWN: Final = 8
"""Digits of a digest that tell keys apart."""

Entry = dict[str, Any]
Wanted = Callable[[Entry], bool]


def entries_of(id_: str, document: Document, field: str) -> list[Entry]:
    """What a list of a consumer holds. Raises Refused for a document of another shape."""
    value = document.get(field, []) if isinstance(document, dict) else None
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise Refused(f"consumers.{id_}: {field} is no list of mappings: put it right by `gateway consumers put`")
    return value


def with_entry(id_: str, document: Document, field: str, entry: Entry) -> Document:
    """The document with one entry more."""
    return {**document, field: [*entries_of(id_, document, field), entry]}


def with_key(id_: str, document: Document, key: Entry) -> Document:
    """The document with one API key more; raises Refused for a name that another key has."""
    taken = {entry.get("name", "") for entry in entries_of(id_, document, "api_keys")}
    if key["name"] in taken:
        raise Refused(f"consumers.{id_}: there is a key {key['name']!r} already: choose another --name, or revoke it")
    return with_entry(id_, document, "api_keys", key)


def free_name(id_: str, document: Document) -> str:
    """`key-1`, or the next that no key has."""
    taken = {entry.get("name", "") for entry in entries_of(id_, document, "api_keys")}
    return next(name for number in range(1, len(taken) + 2) if (name := f"key-{number}") not in taken)


def without_key(id_: str, document: Document, wanted: Wanted) -> Document:
    """The document without the one key that is wanted. Raises Refused when there is none, or more than one."""
    keys = entries_of(id_, document, "api_keys")
    found = [key for key in keys if wanted(key)]
    if not found:
        raise Refused(f"consumers.{id_}: there is no such key; `gateway consumers keys {id_}` tells which there are")
    if len(found) > 1:
        digests = ", ".join(str(key.get("sha256", ""))[:SHOWN] for key in found)
        raise Refused(f"consumers.{id_}: {len(found)} keys are meant ({digests}): name one by --sha256")
    return {**document, "api_keys": [key for key in keys if key is not found[0]]}


def with_account(id_: str, document: Document, username: str, password: str) -> Document:
    """The document with an account, whose password takes the place of an earlier one; `password` is its hash."""
    accounts = entries_of(id_, document, "basic")
    kept = [account for account in accounts if account.get("username") != username]
    return {**document, "basic": [*kept, {"username": username, "password": password}]}


def with_signature_key(id_: str, document: Document, key: Entry) -> Document:
    """The document with one signature key more. Raises Refused for an id that another key has."""
    if any(entry.get("id") == key["id"] for entry in entries_of(id_, document, "signatures")):
        raise Refused(f"consumers.{id_}: there is a signature key {key['id']!r} already: choose another id")
    return with_entry(id_, document, "signatures", key)


def digest_of(key: str) -> str:
    """What the configuration has of an API key."""
    return sha256(key.encode()).hexdigest()


def end_of(text: str, now: float) -> str:
    """When a key ends, as the configuration has it: a date or a time as it is given, or so long from now.

    Raises Refused for what is neither, and for what is over.
    """
    if not text:
        return ""
    end = _after(text, now) or text
    if not expiry(end):
        raise Refused(f"--expires {text}: expected a time such as 90d, a date such as 2027-01-31 or a time (RFC 3339)")
    if expiry(end) <= now:
        raise Refused(f"--expires {text}: is over")
    return end


def _after(text: str, now: float) -> str:
    """The end of a duration that begins now; empty for what is none."""
    try:
        length = Duration.parse(text)
    except ValueError:
        return ""
    try:
        moment = datetime.fromtimestamp(now, UTC) + timedelta(seconds=length)
    except OverflowError:
        raise Refused(f"--expires {text}: is too far away") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
