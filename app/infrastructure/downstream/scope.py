"""Makes the ASGI scope of a request. Not for judging what is in it: the application does."""

from typing import Any, Final
from urllib.parse import unquote_to_bytes

from app.infrastructure.downstream.request_head import RequestHead
from app.infrastructure.downstream.site import Scope, Site

_VERSIONS: Final[dict[str, str]] = {"version": "3.0", "spec_version": "2.4"}


def http_scope(site: Site, head: RequestHead, client: "tuple[str, int] | None", extensions: dict[str, Any]) -> Scope:
    """The scope of a plain request. `extensions` are what the connection can do."""
    raw_path, _, query = head.target.partition(b"?")
    return {
        "type": "http",
        "asgi": _VERSIONS,
        "http_version": head.version,
        "server": site.server,
        "client": client,
        "scheme": site.scheme,
        "method": head.method,
        "root_path": "",
        "path": path_of(raw_path),
        "raw_path": raw_path,
        "query_string": query,
        "headers": head.headers,
        "state": site.state,
        "extensions": extensions,
    }


def path_of(raw_path: bytes) -> str:
    """The path with its escapes decoded, as ASGI wants it."""
    if b"%" not in raw_path:
        return raw_path.decode("latin-1")
    return unquote_to_bytes(raw_path).decode("utf-8", "replace")
