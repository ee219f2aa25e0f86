"""Who may pass, by name and by place. Not for proving who it is.

The order, which docs/access.md promises: refused places, allowed places, then an identity if anything asks for one,
refused names, allowed names. What is refused is refused whatever else allows it.
"""

from collections.abc import Callable
from typing import Final, Protocol

from app.domain.entities.identity import Identity
from app.domain.refusals import Forbidden, Unauthenticated

UNKNOWN: Final = "unknown"
"""Stands for the country of an address that no database places (A-71)."""


class Names:
    """Lists of names; empty ones ask for nothing."""

    __slots__ = ("consumers", "empty", "groups", "scopes")

    def __init__(self, consumers: frozenset[str], groups: frozenset[str], scopes: frozenset[str]) -> None:
        self.consumers: Final = consumers
        self.groups: Final = groups
        self.scopes: Final = scopes
        self.empty: Final = not (consumers or groups or scopes)

    def has_consumer(self, identity: Identity) -> bool:
        """Whether the consumer is listed, or one of its groups."""
        return identity.id in self.consumers or not self.groups.isdisjoint(identity.groups)

    def has_scope(self, identity: Identity) -> bool:
        """Whether one of its scopes is listed."""
        return not self.scopes.isdisjoint(identity.scopes)


class Addresses(Protocol):
    """A list of addresses and networks."""

    def __contains__(self, address: str) -> bool: ...


class Places:
    """Lists of places; empty ones ask for nothing."""

    __slots__ = ("addresses", "countries")

    def __init__(self, addresses: tuple[Addresses, ...], countries: frozenset[str]) -> None:
        self.addresses: Final = addresses
        self.countries: Final = countries

    def has_address(self, address: str) -> bool:
        """Whether one of the lists holds the address."""
        for addresses in self.addresses:  # noqa: SIM110  # a generator would cost more than the question
            if address in addresses:
                return True
        return False


class PlaceRules:
    """Where requests may come from."""

    __slots__ = ("_allow", "_country", "_deny")

    def __init__(self, allow: Places, deny: Places, country: Callable[[str], str]) -> None:
        self._allow: Final = allow
        self._deny: Final = deny
        self._country: Final = country

    def check(self, address: str) -> None:
        """Raises Forbidden."""
        allow, deny = self._allow, self._deny
        if deny.has_address(address) or (allow.addresses and not allow.has_address(address)):
            raise Forbidden("requests from this address may not pass")
        if allow.countries or deny.countries:
            country = self._country(address) or UNKNOWN
            if country in deny.countries or (allow.countries and country not in allow.countries):
                raise Forbidden("requests from this country may not pass")


class NameRules:
    """Who may pass of those who proved who they are."""

    __slots__ = ("_allow", "_deny")

    def __init__(self, allow: Names, deny: Names) -> None:
        self._allow: Final = allow
        self._deny: Final = deny

    def check(self, identity: Identity | None) -> None:
        """Raises Unauthenticated for nobody, else Forbidden."""
        if identity is None:
            raise Unauthenticated("who is asking is not known")
        allow, deny = self._allow, self._deny
        if deny.has_consumer(identity) or deny.has_scope(identity):
            raise Forbidden("this consumer may not pass")
        if (allow.consumers or allow.groups) and not allow.has_consumer(identity):
            raise Forbidden("this consumer may not pass")
        if allow.scopes and not allow.has_scope(identity):
            raise Forbidden("none of the scopes that this needs was granted", code="insufficient_scope")
