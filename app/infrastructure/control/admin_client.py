"""The admin API over HTTP, for the command line. Not for finding out which gateway and which token: `admin_access`."""

import ssl
from typing import Any, Final
from urllib.parse import quote

import httpx
import msgspec

from app.domain.admin_ports import AdminUnreachable, Exported
from app.domain.entities.control import (
    Document,
    Documents,
    EntityChange,
    GatewayStatus,
    Outcome,
    Plan,
    Revision,
    StoredEntity,
)
from app.infrastructure.control import admin_answers as answers

CONNECT: Final = 5.0
ANSWER: Final = 120.0
"""Seconds: a whole configuration of 100,000 routes takes a while to be checked."""
PAGE: Final = 1000


class HttpAdminApi:
    """Implements AdminApi. The environment's proxies are not used."""

    def __init__(self, server: str, token: str, verify: ssl.SSLContext) -> None:
        """`server` is the URL of the admin API, `token` may be empty."""
        self._server = server.rstrip("/")
        headers = {"user-agent": "api-gateway", "accept": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        timeout = httpx.Timeout(ANSWER, connect=CONNECT)
        self._client = httpx.Client(verify=verify, trust_env=False, timeout=timeout, headers=headers)

    def entities(self, section: str) -> dict[str, StoredEntity]:
        """See AdminApi."""
        found: dict[str, StoredEntity] = {}
        after = ""
        while True:
            params = {"limit": str(PAGE)} | ({"after": after} if after else {})
            page = answers.decoded(self._ask("GET", f"/{section}", params=params), answers.Page)
            found.update({item.id: StoredEntity(item.document, item.version) for item in page.items})
            # What does not go on would never end.
            if not page.next or page.next == after:
                return found
            after = page.next

    def entity(self, section: str, id_: str) -> StoredEntity:
        """See AdminApi."""
        return answers.entity(self._ask("GET", _path(section, id_)))

    def put(self, section: str, id_: str, document: Document, expected: str | None = None) -> Outcome:
        """See AdminApi."""
        return answers.decoded(self._ask("PUT", _path(section, id_), document, _condition(expected)), Outcome)

    def delete(self, section: str, id_: str, expected: str | None = None) -> Outcome:
        """See AdminApi."""
        response = self._ask("DELETE", _path(section, id_), headers=_condition(expected))
        answers.check(response)
        return Outcome((EntityChange(section, id_, "removed"),), answers.revision(response))

    def export(self) -> Exported:
        """See AdminApi."""
        response = self._ask("GET", "/config")
        return Exported(answers.decoded(response, dict[str, dict[str, Any]]), answers.version(response))

    def plan(self, documents: Documents) -> Plan:
        """See AdminApi."""
        return answers.decoded(self._ask("POST", "/config/plan", documents), Plan)

    def apply(self, documents: Documents, expected: str | None = None) -> Outcome:
        """See AdminApi."""
        return answers.decoded(self._ask("PUT", "/config", documents, _condition(expected)), Outcome)

    def history(self) -> list[Revision]:
        """See AdminApi."""
        return answers.decoded(self._ask("GET", "/history"), answers.Revisions).items

    def rollback(self, number: int) -> Outcome:
        """See AdminApi."""
        return answers.decoded(self._ask("POST", f"/rollback/{number}"), Outcome)

    def status(self) -> GatewayStatus:
        """See AdminApi."""
        return answers.decoded(self._ask("GET", "/status"), GatewayStatus)

    def close(self) -> None:
        """See AdminApi."""
        self._client.close()

    def _ask(
        self,
        method: str,
        path: str,
        content: object = None,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> httpx.Response:
        """The answer, whatever it is. Raises AdminUnreachable when there is none."""
        fields = dict(headers or {})
        body = None
        if content is not None:
            body = msgspec.json.encode(content)
            fields["content-type"] = "application/json"
        try:
            return self._client.request(method, self._server + path, content=body, headers=fields, params=params)
        except httpx.ConnectError as error:
            raise AdminUnreachable(*self._no_connection(str(error))) from None
        except httpx.TimeoutException as error:
            what = "connection" if isinstance(error, httpx.ConnectTimeout) else "answer"
            raise AdminUnreachable(f"{self._server}: no {what} in time") from None
        except httpx.HTTPError as error:
            raise AdminUnreachable(f"{self._server}: {str(error) or type(error).__name__}") from None

    def _no_connection(self, why: str) -> list[str]:
        lines = [f"{self._server}: cannot connect: {why}"]
        if "CERTIFICATE_VERIFY_FAILED" in why:
            return [*lines, "name the CA of its certificate by --ca"]
        return [*lines, "does the gateway run there? name its admin API by --server or GATEWAY_ADMIN_URL"]


def _path(section: str, id_: str) -> str:
    return f"/{section}/{quote(id_, safe='')}"


def _condition(expected: str | None) -> dict[str, str]:
    """RFC 9110 section 13.1."""
    if expected is None:
        return {}
    return {"if-match": f'"{expected}"'} if expected else {"if-none-match": "*"}
