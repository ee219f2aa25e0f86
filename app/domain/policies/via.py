"""The gateway's element of Via, and the loop that it reveals (RFC 9110 section 7.6.3, P-07)."""

from typing import Final

from app.domain.errors import GatewayRefusal

_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_VERSIONS: Final = {"1.0": b"1.0", "1.1": b"1.1", "2": b"2.0", "2.0": b"2.0", "3": b"3.0", "3.0": b"3.0"}


class Via:
    """One gateway's name in Via. Gateways in a row need different names, or the third sees a loop."""

    def __init__(self, name: str) -> None:
        """Raises ValueError when `name` is not a token."""
        if not name or not _TOKEN.issuperset(name):
            raise ValueError(f"expected a name of letters, digits and -._ for Via, got {name!r}")
        self._name = name.lower().encode()
        self._elements = {version: shown + b" " + name.encode() for version, shown in _VERSIONS.items()}
        self.response: Final = self._elements["1.1"]
        """The element for responses, which came over HTTP/1.1."""

    def element(self, version: str) -> bytes:
        """Our element for a request that came over HTTP `version`."""
        return self._elements.get(version, self.response)

    def refuse_loop(self, fields: dict[bytes, bytes]) -> None:
        """Raises GatewayRefusal (508) when the request has been here twice already.

        Once may be right: a service may call back through its gateway.
        """
        value = fields.get(b"via")
        if value is not None and self._name in value.lower() and self._times(value) >= 2:
            raise GatewayRefusal(
                "the request came through this gateway twice already",
                status=508, code="loop_detected", title="Loop detected",
            )  # fmt: skip

    def _times(self, value: bytes) -> int:
        elements = (element.split(None, 2) for element in value.lower().split(b","))
        return sum(1 for parts in elements if len(parts) > 1 and parts[1] == self._name)
