"""The certificate of the subjects that serve TLS: ECDSA P-256, made for each run. Nobody verifies it."""

from pathlib import Path

from tests.certificates import make_ca, make_cert


def write(directory: Path) -> Path:
    """A PEM file with the certificate first and its key behind it: every subject reads both from there."""
    pair = make_cert(make_ca("Benchmark CA"), ("localhost",), ("127.0.0.1",))
    file = directory / "server.pem"
    file.write_bytes(pair.cert_pem + pair.key_pem)
    return file
