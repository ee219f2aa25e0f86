"""Who sent a webhook, by its signature or token, and how our own are signed. Not for replays: `webhook_replays`."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

SIGNATURE: Final = "X-Gateway-Signature-256"
TIMESTAMP: Final = "X-Gateway-Timestamp"
DELIVERY: Final = "X-Gateway-Delivery"

_SIGNING_TOKEN: Final = "whsec_"  # noqa: S105  # how such tokens begin, in the Standard Webhooks specification


class Sender(msgspec.Struct, frozen=True):
    """Who sent a message that is genuine."""

    name: Literal["github", "gitlab"]
    delivery: str = ""
    """What it calls this delivery; the same when it is sent again. Not covered by GitHub's signature."""
    timestamp: float = 0.0
    """Seconds since 1970 at which it was signed; 0 when the form has none."""
    ping: bool = False
    """Whether it only tries whether we are there."""


class Verifier:
    """Knows the secrets. An empty one means that nobody may send that form."""

    def __init__(self, secret: str, gitlab_token: str) -> None:
        """`gitlab_token` is GitLab's secret token or, when it begins with `whsec_`, its signing token.

        Raises ValueError for a signing token that is not base64; the message does not tell it.
        """
        self._secret = secret.encode()
        signing = gitlab_token.startswith(_SIGNING_TOKEN)
        self._token = b"" if signing else gitlab_token.encode()
        self._signing_key = _signing_key(gitlab_token) if signing else b""

    def sender_of(self, headers: Mapping[str, str], body: bytes) -> Sender | None:
        """Who sent `body`, None when nobody whom we know; `headers` has lower-case names.

        Every form is looked at, whatever the head holds, so that the time tells nothing of what was wrong.
        """
        github = self._by_github(headers, body)
        token = self._by_token(headers)
        signing = self._by_signing_token(headers, body)
        if github:
            ping = headers.get("x-github-event", "").lower() == "ping"
            return Sender("github", headers.get("x-github-delivery", ""), ping=ping)
        if signing:
            return Sender("gitlab", headers.get("webhook-id", ""), _seconds(headers.get("webhook-timestamp", "")))
        if token:
            return Sender("gitlab", headers.get("idempotency-key") or headers.get("x-gitlab-event-uuid", ""))
        return None

    def _by_github(self, headers: Mapping[str, str], body: bytes) -> bool:
        """`X-Hub-Signature-256` (docs.github.com, "Validating webhook deliveries")."""
        wanted = "sha256=" + hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        return _same(wanted, headers.get("x-hub-signature-256", "")) and bool(self._secret)

    def _by_token(self, headers: Mapping[str, str]) -> bool:
        """`X-Gitlab-Token` (docs.gitlab.com, "Webhooks"): the token itself."""
        given = headers.get("x-gitlab-token", "").encode("latin-1", "replace")
        return hmac.compare_digest(self._token, given) and bool(self._token)

    def _by_signing_token(self, headers: Mapping[str, str], body: bytes) -> bool:
        """`webhook-signature` (docs.gitlab.com; Standard Webhooks): `v1,<base64>`, several set apart by blanks."""
        head = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode("latin-1", "replace")
        digest = hmac.new(self._signing_key, head + body, hashlib.sha256).digest()
        wanted = "v1," + base64.b64encode(digest).decode()
        given = headers.get("webhook-signature", "").split(" ", 8)
        found = [one for one in given if _same(wanted, one)]
        return bool(found and self._signing_key)


def signed(secret: str, timestamp: str, body: bytes) -> str:
    """Value of X-Gateway-Signature-256: HMAC-SHA256 of the timestamp, a dot, and the body as it is sent."""
    mark = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return "sha256=" + mark.hexdigest()


def _same(wanted: str, given: str) -> bool:
    return hmac.compare_digest(wanted.encode(), given.encode("latin-1", "replace"))


def _signing_key(token: str) -> bytes:
    try:
        return base64.b64decode(token.removeprefix(_SIGNING_TOKEN), validate=True)
    except binascii.Error:
        raise ValueError("expected base64 after whsec_, as GitLab shows the signing token") from None


def _seconds(text: str) -> float:
    """The time in `text`; 1, which is long ago, when it is no time, so that it never passes for a form without one."""
    return float(text) or 1.0 if text.isascii() and text.isdigit() and len(text) < 16 else 1.0
