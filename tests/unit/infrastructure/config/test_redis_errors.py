import ssl

from app.infrastructure.config.redis_errors import RedisGone, RedisRefused, failure, why


def test_says_why() -> None:
    untrusted = ssl.SSLCertVerificationError(1, "x")
    untrusted.verify_message = "self-signed"
    assert why(untrusted) == "its certificate is refused: self-signed"
    assert why(ssl.SSLError(1, "x")) == "TLS failed: no tls there"
    assert why(TimeoutError()) == "timed out"
    assert why(ConnectionRefusedError(111, "Connection refused")) == "connection refused"
    assert why(OSError()) == "oSError"
    assert failure("redis://a", RedisGone("timed out")) == "redis://a does not answer: timed out"
    assert failure("redis://a", RedisRefused("NOPERM no")) == "redis://a refuses us: NOPERM no"
