"""The target on its way to the service, and where redirects point. Compiled once for each route.

Parameters are parts of the canonical path: printable ASCII without `//`, `\\`, `?` or `#`, never decoded.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from app.domain.entities.request import Request
from app.domain.entities.route import Redirect, Rewrite, Route
from app.domain.errors import DownstreamError
from app.domain.policies.paths import has_dot_segment
from app.domain.policies.templates import Template

RewriteTarget = Callable[[str, str, Mapping[str, str]], str]
"""Path, query and parameters in; the target of the request line out. Raises DownstreamError."""

Locate = Callable[[Request, Mapping[str, str]], str]
"""The Location of a redirect. Raises DownstreamError."""

_SCHEMES: Final = {"http": "http", "ws": "http", "https": "https", "wss": "https"}
_STARTS: Final = ("/", "{path}", "http://", "https://", "{scheme}://")
_AUTHORITY: Final = re.compile(r"[a-z{}]+://([^/?#]*?)(?=/|\?|#|\{path\}|\{query\}|$)")
_LABEL: Final = re.compile(r"(?:^|(?<=\.))\{(\w+)\}(?=\.[A-Za-z0-9])")


def compile_rewrite(route: Route) -> RewriteTarget | None:
    """How the target of a request changes, or None when it does not. Raises ValueError for a rewrite that is wrong."""
    rewrite = route.rewrite
    if rewrite.path:
        return _by_template(rewrite)
    strip = _prefix(rewrite.strip_prefix, "strip_prefix")
    add = _prefix(rewrite.add_prefix, "add_prefix")
    if not strip and not add:
        return None
    return _by_prefix(strip, add)


def compile_redirect(redirect: Redirect) -> Locate:
    """Where a redirect points. Raises ValueError for a template that would let clients choose the authority.

    No client can: `{path}` is canonical (one slash in front, no backslash), a parameter may stand in the authority only
    as a whole label before a fixed domain, and a location that would begin with `//` is given one slash.
    """
    template = Template(redirect.to)
    labels = _check_location(redirect.to)

    def locate(request: Request, params: Mapping[str, str]) -> str:
        location = template.fill({
            **params,
            "scheme": _SCHEMES.get(request.scheme, "https"),
            "host": request.host,
            "path": request.path,
            "query": f"?{request.query}" if request.query else "",
        })  # fmt: skip
        if location.startswith("//"):
            location = "/" + location.lstrip("/")
        plain = location.isascii() and location.isprintable() and "\\" not in location
        if not plain or not all(params.get(name, "").replace("-", "").isalnum() for name in labels):
            raise DownstreamError("the request cannot be redirected safely", code="bad_redirect")
        return location

    return locate


def _by_prefix(strip: str, add: str) -> RewriteTarget:
    below = strip + "/"
    cut = len(strip)

    def rewrite(path: str, query: str, params: Mapping[str, str]) -> str:
        if cut and (path.startswith(below) or path == strip):
            path = path[cut:]
        path = add + path or "/"
        return f"{path}?{query}" if query else path

    return rewrite


def _by_template(rewrite: Rewrite) -> RewriteTarget:
    if rewrite.strip_prefix or rewrite.add_prefix:
        raise ValueError("path excludes strip_prefix and add_prefix")
    template = Template(_path(rewrite.path, "path"))

    def fill(path: str, query: str, params: Mapping[str, str]) -> str:
        path = template.fill(params)
        if "//" in path or "/." in path or "%" in path:
            path = _safe(path)
        return f"{path}?{query}" if query else path

    return fill


def _safe(path: str) -> str:
    """Empty parameters leave `//`: merged (P-49). Parts that meet to dot segments are refused (P-47)."""
    if has_dot_segment(path.replace("%2e", ".").replace("%2E", ".")):
        raise DownstreamError("the rewritten path holds a dot segment", code="bad_path")
    merged = "/" + "/".join(segment for segment in path.split("/") if segment)
    return merged + "/" if path.endswith("/") and merged != "/" else merged


def _prefix(text: str, field: str) -> str:
    return _path(text, field).rstrip("/") if text else ""


def _path(text: str, field: str) -> str:
    if not text.startswith("/") or not text.isascii() or not text.isprintable():
        raise ValueError(f"{field}: expected a path that starts with /, got {text!r}")
    if any(character in text for character in "?# \\") or "//" in text:
        raise ValueError(f"{field}: a path holds no ?, #, blank, backslash or //, got {text!r}")
    if any(segment.lower().replace("%2e", ".") in (".", "..") for segment in text.split("/")):
        raise ValueError(f"{field}: a path holds no dot segment, got {text!r}")
    return text


def _check_location(to: str) -> list[str]:
    """The parameters that stand in the authority."""
    if not to.startswith(_STARTS) or to.startswith("//"):
        raise ValueError(f"to: expected a path, or a URL of http or https, got {to!r}")
    if not to.isascii() or not to.isprintable() or " " in to or "\\" in to:
        raise ValueError(f"to: expected printable ASCII without blanks and backslashes, got {to!r}")
    found = _AUTHORITY.match(to)
    authority = found[1].replace("{host}", "h") if found else ""
    labels = _LABEL.findall(authority)
    if "{" in _LABEL.sub("", authority):
        raise ValueError(
            f"to: a parameter in the host must be a label before a domain: https://{{x}}.a.org, got {to!r}"
        )
    return list(labels)
