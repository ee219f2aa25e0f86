"""What a handler of the admin API is given, and what is checked in every call. Not for any one resource."""

from collections.abc import Collection

import msgspec
from starlette.requests import Request

from app.interfaces.admin.problems import Refusal, not_found


class Call(msgspec.Struct, frozen=True):
    """One authorized request."""

    request: Request
    by: str
    """Who asks, for the audit log."""

    secrets: bool = False
    """Whether who asks may see the secrets of the configuration."""

    def id(self) -> str:
        """The id in the path. Raises Refusal when there is none."""
        found: str = self.request.path_params["id"]
        if not found:
            raise not_found("the id is missing: it is the last part of the path")
        return found

    def number(self, name: str) -> int:
        """A positive number in the path. Raises Refusal."""
        text: str = self.request.path_params[name]
        if not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise not_found(f"a {name} is a number, got {text[:60]!r}")
        return int(text)

    def query(self, known: Collection[str]) -> dict[str, str]:
        """The parameters of the query. Raises Refusal for one that is not known, or that stands there twice."""
        given = self.request.query_params.multi_items()
        for name, _ in given:
            if name not in known:
                raise bad_query(f"unknown parameter {name[:60]!r}; there are: {', '.join(known) or 'none'}")
        if len({name for name, _ in given}) != len(given):
            raise bad_query("a parameter stands there twice")
        return dict(given)


def bad_query(detail: str) -> Refusal:
    """A query that cannot be understood."""
    return Refusal(400, "bad_query", "Bad query", detail)
