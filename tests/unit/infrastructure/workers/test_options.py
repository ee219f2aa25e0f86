"""How options travel to a worker."""

import msgspec
import pytest

from app.infrastructure.workers.options import ServerOptions, decode, encode


def test_options_survive_the_command_line() -> None:
    options = ServerOptions(target="a:b", tls_cert="/etc/ä b.pem", http2=False, grace=0.5, max_head=1)
    line = encode(options)
    assert "\n" not in line
    assert decode(line) == options


def test_what_is_no_option_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode('{"backlog": "many"}')
