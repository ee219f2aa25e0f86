"""The signature base of HTTP messages (RFC 9421 section 2), the same for who signs and who checks. Not for keys.

A subset: whole fields, and the derived components of a request except `@query-param`.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from app.domain.entities.headers import Headers, values
from app.domain.policies.structured_fields import InnerList, Item, Parameters
from app.domain.policies.structured_fields_writer import inner_list

_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


class RequestView(NamedTuple):
    """What may be signed of a request."""

    method: str
    scheme: str
    """`http` or `https`."""
    authority: str
    """In lower case, without the default port."""
    path: str
    query: str
    """Without `?`; empty when there is none."""
    headers: Headers

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


_DERIVED: Final[dict[str, Callable[[RequestView], str]]] = {
    "@method": lambda view: view.method,
    "@target-uri": lambda view: f"{view.scheme}://{view.authority}{view.target}",
    "@authority": lambda view: view.authority,
    "@scheme": lambda view: view.scheme,
    "@request-target": lambda view: view.target,
    "@path": lambda view: view.path or "/",
    "@query": lambda view: f"?{view.query}",
}


def component_problem(name: str) -> str:
    """Why `name` cannot be covered; empty when it can."""
    if name.startswith("@"):
        return "" if name in _DERIVED else f"is none of {', '.join(_DERIVED)}"
    return "" if name and _TOKEN.issuperset(name) else "is no field name in lower case"


def signature_params(components: Sequence[str], params: Parameters) -> str:
    """The value of `@signature-params`, which is also what Signature-Input says. Raises ValueError."""
    return inner_list(InnerList(tuple(Item(name, {}) for name in components), params))


def signature_base(components: Sequence[str], view: RequestView, params: Parameters) -> bytes:
    """The bytes that are signed. `params` are those of the signature: created, keyid, nonce, in the order in which
    Signature-Input has them.

    Raises ValueError for a component that is not there, is covered twice, or is not supported.
    """
    lines = []
    for name in dict.fromkeys(components):
        problem = component_problem(name)
        if problem:
            raise ValueError(f"component {name!r} {problem}")
        lines.append(b'"%b": %b\n' % (name.encode(), _value(name, view)))
    if len(lines) != len(components):
        raise ValueError("a component is covered twice")
    last = '"@signature-params": ' + signature_params(components, params)
    return b"".join(lines) + last.encode()


def _value(name: str, view: RequestView) -> bytes:
    derived = _DERIVED.get(name)
    if derived is not None:
        return derived(view).encode()
    lines = values(view.headers, name.encode())
    if not lines:
        raise ValueError(f"the request has no field {name!r}, which is covered")
    return b", ".join([line.strip(b" \t") for line in lines])
