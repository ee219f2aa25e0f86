"""Reads the signatures that a request carries, and judges all of them but the bytes (RFC 9421 section 3.2).

The reasons that are raised help whoever writes a client; none tells of keys.
"""

from typing import Final, NamedTuple

from app.domain.policies.http_signatures import component_problem
from app.domain.policies.structured_fields import Date, Dictionary, InnerList, Item, Parameters, Token, parse_dictionary

MOST_LABELS: Final = 8
"""Signatures of one request."""
MOST_COMPONENTS: Final = 64
"""Components of one signature."""
_TYPES: Final[dict[str, type]] = {"created": int, "expires": int, "keyid": str, "alg": str, "nonce": str, "tag": str}


class Presented(NamedTuple):
    """One signature as it came."""

    label: str
    components: tuple[str, ...]
    params: Parameters
    """In their order: the signature covers them so."""
    signature: bytes

    def text(self, name: str) -> str:
        """A parameter that is a string; empty when it is not there."""
        return str(self.params.get(name, ""))

    def number(self, name: str) -> int | None:
        """A parameter that is an integer, or None."""
        value = self.params.get(name)
        return value if isinstance(value, int) else None


class Terms(NamedTuple):
    """What a signature must have to count."""

    components: tuple[str, ...]
    """Those that it must cover; `content-digest` only where there is a body."""
    max_age: float
    """Seconds since `created`."""
    leeway: float
    """Seconds by which clocks may differ."""
    nonce: bool
    """Whether it must have one."""
    tag: str
    """Which it must have; empty for any or none."""


def read_signatures(described: bytes, signed: bytes, label: str = "") -> list[Presented]:
    """The signatures in Signature-Input and Signature: the one of `label`, or all that can be read.

    Raises ValueError when there is none.
    """
    inputs, signatures = _dictionary(described, "Signature-Input"), _dictionary(signed, "Signature")
    if len(inputs) > MOST_LABELS:
        raise ValueError(f"Signature-Input has more than {MOST_LABELS} signatures")
    found, reasons = [], []
    for name in [label] if label else list(inputs):
        try:
            found.append(_presented(name, inputs.get(name), signatures.get(name)))
        except ValueError as error:
            reasons.append(str(error))
    if not found:
        raise ValueError(reasons[0] if reasons else "Signature-Input has no signature")
    return found


def check_terms(one: Presented, terms: Terms, now: float, *, body: bool) -> None:
    """Raises ValueError for a signature that does not say what the terms ask for; `now` is in seconds since 1970."""
    wanted = [name for name in terms.components if body or name != "content-digest"]
    missing = [name for name in wanted if name not in one.components]
    if missing:
        raise ValueError(f"the signature does not cover {', '.join(missing)}")
    _check_times(one, terms, now)
    if terms.nonce and not one.text("nonce"):
        raise ValueError("the signature has no nonce")
    if terms.tag and one.text("tag") != terms.tag:
        raise ValueError(f"the signature has not the tag {terms.tag}")


def _check_times(one: Presented, terms: Terms, now: float) -> None:
    created, expires = one.number("created"), one.number("expires")
    if created is None:
        raise ValueError("the signature does not say when it was created")
    if created > now + terms.leeway:
        raise ValueError("the signature was created in the future")
    if now > created + terms.max_age + terms.leeway or (expires is not None and now > expires + terms.leeway):
        raise ValueError("the signature is too old")


def _dictionary(value: bytes, name: str) -> Dictionary:
    try:
        return parse_dictionary(value.decode("ascii"))
    except ValueError:
        raise ValueError(f"{name} is no dictionary of structured fields") from None


def _presented(label: str, described: Item | InnerList | None, signed: Item | InnerList | None) -> Presented:
    if not isinstance(described, InnerList) or not isinstance(signed, Item) or not isinstance(signed.value, bytes):
        raise ValueError(f"there is no whole signature {label!r}")
    if len(described.items) > MOST_COMPONENTS:
        raise ValueError(f"the signature covers more than {MOST_COMPONENTS} components")
    components = tuple(_component(item) for item in described.items)
    for name, value in described.params.items():
        if not _has_type(value, _TYPES.get(name)):
            raise ValueError(f"parameter {name!r} of the signature is unknown or of the wrong type")
    if not described.params.get("keyid"):
        raise ValueError("the signature does not say its keyid")
    return Presented(label, components, described.params, signed.value)


def _component(item: Item) -> str:
    name = item.value
    if not isinstance(name, str) or isinstance(name, Token):
        raise ValueError("a component of the signature is no string")
    if item.params:
        raise ValueError(f"component {name!r} has parameters ({', '.join(item.params)}), which are not supported")
    problem = component_problem(name)
    if problem:
        raise ValueError(f"component {name!r} {problem}")
    return name


def _has_type(value: object, kind: type | None) -> bool:
    return kind is not None and isinstance(value, kind) and not isinstance(value, bool | Token | Date)
