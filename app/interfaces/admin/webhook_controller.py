"""`POST /webhooks/config` of the admin API: reads the message, and renders what came of it. Not for judging it.

It stands outside of the bearer token, so that it bounds what strangers can make it hold.
"""

import asyncio
from collections.abc import Mapping
from typing import Final, Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.application.services.admin_errors import InvalidConfig
from app.application.services.webhook_service import NotGenuine, Replayed
from app.domain.control_ports import StoreError
from app.domain.entities.control import Outcome
from app.domain.webhook_ports import SourceUnavailable
from app.interfaces.admin.answers import json_answer, revision_field
from app.interfaces.admin.problems import RETRY_AFTER, Refusal, answer_of, refusal_of

PATH: Final = "/webhooks/config"
"""Its route takes POST only, and is left out when no secret is set."""
TOLD: Final = 100
"""Changes that an answer names."""
AT_ONCE: Final = 4
"""So many bodies of the largest size may be held at once; more senders are asked to come again."""


class Receives(Protocol):
    """The part of WebhookService that is used here."""

    async def receive(self, headers: Mapping[str, str], body: bytes) -> Outcome | None:
        """See WebhookService."""
        ...


class WebhookController:
    """Bodies of `most` bytes, read within `seconds`."""

    def __init__(self, service: Receives, most: int, seconds: float) -> None:
        self._service = service
        self._most = most
        self._seconds = seconds
        self._held = 0

    async def receive(self, request: Request) -> Response:
        """200 what became live, 202 what is stored but not seen live yet, 200 for a ping; else a problem."""
        body = bytearray()
        try:
            await self._read(request, body)
            outcome = await self._service.receive(dict(request.headers), bytes(body))
        except (Refusal, NotGenuine, Replayed, SourceUnavailable, InvalidConfig, StoreError) as error:
            return answer_of(_refusal(error))
        finally:
            self._held -= len(body)
        return _answer(outcome)

    async def _read(self, request: Request, body: bytearray) -> None:
        """Fill `body`. Raises Refusal."""
        length = request.headers.get("content-length", "")
        if length.isdigit() and len(length) < 20 and int(length) > self._most:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._seconds):
                async for chunk in request.stream():
                    body += chunk
                    self._held += len(chunk)
                    self._check(body)
        except TimeoutError:
            detail = f"the body did not come within {self._seconds:g} seconds"
            raise Refusal(408, "timeout", "Body too slow", detail) from None
        except ClientDisconnect:
            raise Refusal(400, "bad_body", "Bad body", "the body is incomplete") from None

    def _check(self, body: bytearray) -> None:
        if len(body) > self._most:
            raise self._too_large()
        if self._held > AT_ONCE * self._most:
            detail = "too many webhooks at once: send it again"
            raise Refusal(503, "busy", "Busy", detail, headers={"retry-after": RETRY_AFTER})

    def _too_large(self) -> Refusal:
        detail = f"the body is larger than {self._most} bytes (GATEWAY_WEBHOOK_MAX)"
        return Refusal(413, "too_large", "Body too large", detail)


def _refusal(error: Exception) -> Refusal:
    if isinstance(error, NotGenuine):
        return Refusal(401, "not_genuine", "Not genuine", "the signature or the token is missing or wrong")
    if isinstance(error, Replayed):
        return Refusal(409, "replayed", "Received before", str(error))
    if isinstance(error, SourceUnavailable):
        return Refusal(502, "source_unavailable", "The source cannot be read", str(error))
    known = refusal_of(error)
    assert known is not None  # noqa: S101  # a StoreError or InvalidConfig: the table has both
    return known


def _answer(outcome: Outcome | None) -> Response:
    if outcome is None:
        return json_answer({"status": "pong"})
    is_live = bool(outcome.revision or not outcome.changes)
    changes = [{"section": one.section, "id": one.id, "difference": one.difference} for one in outcome.changes]
    content = {
        "status": "live" if is_live else "stored",
        "changes": changes[:TOLD],
        "changed": len(changes),
        "revision": outcome.revision,
        "digest": outcome.digest,
        "warnings": outcome.warnings,
    }
    return json_answer(content, 200 if is_live else 202, revision_field(outcome.revision))
