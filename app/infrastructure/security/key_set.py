"""Keys of an issuer that are ready to verify, found by what a token's header says. Not for reading them."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from app.domain.token_ports import TokenVerifier


class ReadyKey(NamedTuple):
    """One key: its id, and what verifies by each algorithm that it is for."""

    kid: str | None
    verifiers: Mapping[str, TokenVerifier]


class KeySet:
    """Implements Keys by look-ups alone: no key is ever tried (A-53)."""

    def __init__(self, keys: Iterable[ReadyKey], *, named: bool) -> None:
        """`named`: whoever makes the tokens names the keys, so that a key id which is not there is no key's.

        Otherwise (files, secrets) the ids are not the issuer's, and may be missing where there is one key alone.
        """
        self._named: Final = named
        self._by_kid: dict[tuple[str, str], TokenVerifier] = {}
        self._alone: dict[str, TokenVerifier | None] = {}
        for key in keys:
            for algorithm, verifier in key.verifiers.items():
                if key.kid is not None:
                    self._by_kid.setdefault((key.kid, algorithm), verifier)
                self._alone[algorithm] = None if algorithm in self._alone else verifier

    def find(self, kid: str | None, algorithm: str) -> TokenVerifier | None:
        """See Keys."""
        if kid is not None:
            found = self._by_kid.get((kid, algorithm))
            if found is not None or self._named:
                return found
        return self._alone.get(algorithm)
