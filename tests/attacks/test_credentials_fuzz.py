"""Hostile credentials, a few on each run; `python -m tests.attacks.credentials_fuzz` asks many more (G-06)."""

from tests.attacks import credential_cases as cases
from tests.attacks.credentials_fuzz import Case, Counts, Filters, fuzz
from tests.credentials import KEY


def test_no_hostile_credential_is_taken_or_breaks_anything() -> None:
    counts = Counts()
    fuzz(2000, counts)
    assert counts.strange == []
    assert counts.bad == 0
    assert counts.cases > 1500
    assert counts.accepted > 0


async def test_what_must_not_be_is_counted() -> None:
    counts, filters = Counts(), Filters()
    genuine = Case("api_key", [(b"x-api-key", KEY.encode())], True)
    for case in (genuine, genuine._replace(genuine=False), genuine._replace(kind="nothing")):
        counts.note(case, await accepts(filters, case))
    assert (counts.cases, counts.accepted, counts.false_accepts, counts.errors, counts.bad) == (3, 2, 1, 1, 2)
    assert len(counts.strange) == 2


async def accepts(filters: Filters, case: Case) -> bool | None:
    """As a case that breaks the filter where there is no such filter."""
    return await filters.accepts(case) if case.kind in ("api_key", "basic", "signature") else None


def test_an_independent_parser_tells_genuine_signatures() -> None:
    fields = dict(cases.genuine_signature())
    assert cases.is_signature(list(fields.items()))
    spaced = fields[b"signature-input"].replace(b";created", b"; created")
    assert cases.is_signature([(b"signature-input", spaced), (b"signature", fields[b"signature"])])
    for old, new in ((b"@path", b"@scheme"), (b"1800000000", b"1800000001"), (b";alg", b";nonce")):
        changed = fields[b"signature-input"].replace(old, new)
        assert not cases.is_signature([(b"signature-input", changed), (b"signature", fields[b"signature"])])
