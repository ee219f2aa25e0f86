"""Signatures as they come, and what they must say."""

import pytest

from app.domain.policies.http_signatures_reading import Presented, Terms, check_terms, read_signatures

TERMS = Terms(("@method", "content-digest"), 60.0, 5.0, nonce=False, tag="")


def read(described: str, signed: str = "a=:AA==:", label: str = "") -> list[Presented]:
    return read_signatures(described.encode(), signed.encode(), label)


def one(params: str = ';created=100;keyid="k"', components: str = '"@method"') -> Presented:
    return read(f"a=({components}){params}")[0]


def test_all_that_can_be_read_or_the_one_of_a_label() -> None:
    described = 'a=("@path");keyid="1", b=("x";sf);keyid="2", c=();keyid="3";created=7, d=();keyid="4"'
    signed = "a=:AA==:, b=:AA==:, c=:AQ==:"
    found = read(described, signed)
    assert [(one.label, one.components, one.text("keyid")) for one in found] == [("a", ("@path",), "1"), ("c", (), "3")]
    assert (found[1].signature, found[1].number("created"), found[0].number("created")) == (b"\1", 7, None)
    assert [one.label for one in read(described, signed, "c")] == ["c"]
    with pytest.raises(ValueError, match=r"component 'x' has parameters \(sf\), which are not supported"):
        read(described, signed, "b")


@pytest.mark.parametrize(
    ("described", "signed", "reason"),
    [
        ("", "", "Signature-Input has no signature"),
        ("é", "", "Signature-Input is no dictionary"),
        ("a=(", "", "Signature-Input is no dictionary"),
        ('a=();keyid="k"', "a=", "Signature is no dictionary"),
        ('a=();keyid="k"', "b=:AA==:", "there is no whole signature 'a'"),
        ('a=();keyid="k"', 'a="x"', "there is no whole signature 'a'"),
        ('a=();keyid="k"', "a=(:AA==:)", "there is no whole signature 'a'"),
        ('a="x";keyid="k"', "a=:AA==:", "there is no whole signature 'a'"),
        ("a=()", "a=:AA==:", "does not say its keyid"),
        ('a=();keyid=""', "a=:AA==:", "does not say its keyid"),
        ("a=();keyid=k", "a=:AA==:", "parameter 'keyid' of the signature is unknown or of the wrong type"),
        ('a=();keyid="k";created="1"', "a=:AA==:", "parameter 'created'"),
        ('a=();keyid="k";created=1.0', "a=:AA==:", "parameter 'created'"),
        ('a=();keyid="k";created=@1', "a=:AA==:", "parameter 'created'"),
        ('a=();keyid="k";created', "a=:AA==:", "parameter 'created'"),
        ('a=();keyid="k";nonce=:AA==:', "a=:AA==:", "parameter 'nonce'"),
        ('a=();keyid="k";x=1', "a=:AA==:", "parameter 'x'"),
        ('a=(x);keyid="k"', "a=:AA==:", "a component of the signature is no string"),
        ('a=(1);keyid="k"', "a=:AA==:", "a component of the signature is no string"),
        ('a=("x";bs);keyid="k"', "a=:AA==:", r"'x' has parameters \(bs\)"),
        ('a=("x";key="y");keyid="k"', "a=:AA==:", r"'x' has parameters \(key\)"),
        ('a=("@method";req);keyid="k"', "a=:AA==:", r"'@method' has parameters \(req\)"),
        ('a=("@query-param";name="x");keyid="k"', "a=:AA==:", r"has parameters \(name\)"),
        ('a=("@status");keyid="k"', "a=:AA==:", "'@status' is none of"),
        ('a=("X");keyid="k"', "a=:AA==:", "'X' is no field name in lower case"),
        (f'a=({" ".join(["a"] * 65)});keyid="k"', "a=:AA==:", "covers more than 64"),
        (", ".join(f's{n}=();keyid="k"' for n in range(9)), "s0=:AA==:", "more than 8 signatures"),
    ],
)
def test_what_is_no_signature(described: str, signed: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_signatures(described.encode(), signed.encode())


@pytest.mark.parametrize(
    ("signature", "terms", "now", "reason"),
    [
        (one(components=""), TERMS, 100, "does not cover @method"),
        (one(), TERMS, 100, "does not cover content-digest"),
        (one(';keyid="k"', '"@method" "content-digest"'), TERMS, 100, "does not say when it was created"),
        (one(components='"@method" "content-digest"'), TERMS, 94, "created in the future"),
        (one(components='"@method" "content-digest"'), TERMS, 166, "too old"),
        (one(';created=100;expires=101;keyid="k"', '"@method" "content-digest"'), TERMS, 107, "too old"),
        (one(), TERMS._replace(components=(), nonce=True), 100, "no nonce"),
        (one(), TERMS._replace(components=(), tag="t"), 100, "not the tag t"),
    ],
)
def test_what_a_signature_must_say(signature: Presented, terms: Terms, now: float, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_terms(signature, terms, now, body=True)


def test_what_is_enough() -> None:
    check_terms(one(), TERMS, 95, body=False)
    check_terms(one(';created=100;expires=101;keyid="k"'), TERMS, 106, body=False)
    full = one(';created=100;keyid="k";nonce="n";tag="t"', '"content-digest" "@method"')
    check_terms(full, TERMS._replace(nonce=True, tag="t"), 165, body=True)
