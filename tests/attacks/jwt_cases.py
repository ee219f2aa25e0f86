"""Tokens that must not be believed, by the id of the attack, for the issuer of `jwt_site`. Not for running them."""

import json
from collections.abc import Iterator
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.token_forge import Signer, b64, claims, part, signer

RSA: Final = signer("RS256", "rsa")
EC: Final = signer("ES256", "ec")
ED: Final = signer("EdDSA", "ed")
MALLORY: Final = signer("RS256", "rsa", 2)
"""Has a key of its own, and the name of another's."""
GOOD: Final = (RSA, EC, ED)
ABSENT: Final = object()


def hmac_of(key: bytes, now: float, **header: Any) -> str:
    """A token that takes a public key for a secret."""
    return Signer("HS256", "rsa", key).token(claims(now), header)


def unsigned(header: object, now: float, signature: str = "") -> str:
    return f"{part(header)}.{part(claims(now))}.{signature}"


def with_claim(now: float, name: str, value: object) -> str:
    """A good token but for one claim, whose value is JSON text."""
    said = {key: json.dumps(one) for key, one in claims(now).items()}
    said[name] = str(value)
    if value is ABSENT:
        del said[name]
    return RSA.token("{" + ",".join(f'"{key}":{one}' for key, one in said.items()) + "}")


def a50(now: float) -> Iterator[str]:
    for name in ("none", "None", "NONE", "nOnE", "", "RS256 ", "rs256", "HS256", "RSA1_5", "ES512"):
        header = {"alg": name, "kid": "rsa"}
        yield unsigned(header, now)
        yield unsigned(header, now, b64(b"x"))
        yield RSA.token(claims(now), header)
    for odd in (None, 1, True, ["RS256"], {"RS256": 1}, [], {}):
        yield RSA.token(claims(now), {"alg": odd})
        yield unsigned({"alg": odd}, now)
    yield RSA.token(claims(now), '{"kid":"rsa"}')


def a51(now: float) -> Iterator[str]:
    pem, ssh = RSA.pem(), RSA.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    jwk = json.dumps(RSA.jwk()).encode()
    for key in (pem, pem.strip(), RSA.public_bytes(Encoding.DER), ssh, jwk, RSA.jwk()["n"].encode(), b""):
        for name in ("HS256", "RS256"):
            yield hmac_of(key, now, alg=name)
    for name in ("ES256", "EdDSA", "PS256"):
        yield Signer("RS256", "rsa", RSA.key).token(claims(now), {"alg": name})
    yield EC.token(claims(now), {"kid": "rsa"})
    yield EC.token(claims(now), {"kid": "rsa", "alg": "RS256"})
    yield ED.token(claims(now), {"kid": "ec"})
    yield RSA.token(claims(now), {"kid": "ec"})


def a52(now: float) -> Iterator[str]:
    """Signed well, by algorithms that the issuer does not allow."""
    for name in ("RS384", "RS512", "PS384", "PS512"):
        yield Signer(name, "rsa", RSA.key).token(claims(now))
    yield signer("ES384", "ec").token(claims(now))


def a53(now: float) -> Iterator[str]:
    for kid in ("../../dev/null", "/etc/passwd", "' UNION SELECT 'x' --", "http://127.0.0.1/x", "$(id)", "\x00", "é"):
        yield MALLORY.token(claims(now), {"kid": kid})
        yield RSA.token(claims(now), {"kid": kid})
    for odd in (None, 5, ["rsa"], {"rsa": 1}, "k" * 5000, ""):
        yield RSA.token(claims(now), {"kid": odd})
    yield RSA.token(claims(now), {"alg": "RS256", "kid": "unknown"})


def a54(now: float, evil: str = "http://127.0.0.1:9/evil") -> Iterator[str]:
    jwk = MALLORY.jwk()
    for header in (
        {"jku": evil},
        {"x5u": evil},
        {"jwk": jwk},
        {"x5c": ["AAAA"]},
        {"jku": evil, "jwk": jwk, "kid": "m"},
    ):
        yield MALLORY.token(claims(now), header)


def a55(now: float) -> Iterator[str]:
    for crit in (["x"], ["exp"], [], "exp", None, ["b64"], {"exp": 1}, [["exp"]]):
        yield RSA.token(claims(now), {"crit": crit, "x": 1})
    yield RSA.token(claims(now), {"b64": False, "crit": ["b64"]})
    yield RSA.token(claims(now), {"b64": False})


def a56(now: float) -> Iterator[str]:
    odd: tuple[object, ...] = (
        ABSENT, "null", '"4000000000"', "Infinity", "-Infinity", "NaN", "1e999", "[4000000000]", "{}", "true", "-1",
        "0", "9" * 400, "9" * 4500, int(now) - 31, int(now) + 86_400 * 400,
    )  # fmt: skip
    for value in odd:
        yield with_claim(now, "exp", value)
    yield RSA.token(claims(now, iat=None, exp=int(now) + 86_400 * 2))


def a57(now: float) -> Iterator[str]:
    for value in (ABSENT, "null", '"other"', "[]", '["other"]', "5", '{"api":1}', '["api",5]', '[["api"]]', '"API"'):
        yield with_claim(now, "aud", value)
    for value in (ABSENT, "null", '"https://other.test"', '["https://issuer.test"]', '"https://issuer.test/"', '""'):
        yield with_claim(now, "iss", value)
    for name in ("nbf", "iat"):
        for value in (int(now) + 120, '"now"', "[1]", "null", "true"):
            yield with_claim(now, name, value)
    for value in (ABSENT, '""', "5", '"a\\nb"', '"\\ud800"'):
        yield with_claim(now, "sub", value)
    for kind in ("secevent+jwt", "JOSE", "", None, 5, ["JWT"]):
        yield RSA.token(claims(now), {"typ": kind})


def a59(now: float) -> Iterator[str]:
    good = RSA.token(claims(now))
    head, body, signature = good.split(".")
    deep = "[" * 2500
    for text in (deep, '{"a":' * 600, "{", "[]", '"x"', "5", "null", "{} {}", "\ufeff{}"):
        yield RSA.token(text)
        yield f"{part(text)}.{body}.{signature}"
    yield RSA.token(json.dumps(claims(now))[:-1] + ',"sub":"admin"}')
    twice = '{"alg":"RS256","kid":"rsa","alg":"RS256"}'
    yield f"{part(twice)}.{body}.{signature}"
    yield from (good[:-1], good + "A", good + "=", good + ".", "." + good)
    yield from (f"{head}.{body}", head, f"{head}..{signature}")
    yield f"{head}.{body}.{b64(b'')}"
    yield f"{b64(bytes([255, 254]))}.{body}.{signature}"
    yield f"{head}.{part(claims(now, sub='admin'))}.{signature}"
    yield "a" * 8193
    yield f"{'a' * 4000}.{'b' * 4000}.{signature}"
    for size in (1, 64, 255, 257, 512):
        yield f"{head}.{body}.{b64(bytes(size))}"
    for zero in (bytes(64), b"\xff" * 64):
        yield EC.token(claims(now)).rpartition(".")[0] + "." + b64(zero)


def a60(now: float) -> Iterator[str]:
    header = part({"alg": "RSA-OAEP", "enc": "A256GCM", "zip": "DEF", "kid": "rsa"})
    yield f"{header}.{b64(bytes(256))}.{b64(bytes(12))}.{b64(bytes(64))}.{b64(bytes(16))}"
    yield f"{part({'alg': 'dir', 'enc': 'A128GCM'})}..{b64(bytes(12))}.{b64(bytes(64))}.{b64(bytes(16))}"
    yield RSA.token(claims(now), {"zip": "DEF"})
    yield json.dumps({"payload": part(claims(now)), "signatures": []})
    yield RSA.token(claims(now), {"cty": "JWT"}) + ".x.y"


ATTACKS: Final = {
    "A-50": a50, "A-51": a51, "A-52": a52, "A-53": a53, "A-54": a54, "A-55": a55, "A-56": a56, "A-57": a57, "A-59": a59,
    "A-60": a60,
}  # fmt: skip
