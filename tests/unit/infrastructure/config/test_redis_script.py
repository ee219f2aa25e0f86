from hashlib import sha1

import pytest

from app.domain.entities.control import Edit
from app.infrastructure.config.redis_script import SCRIPT, SHA, arguments, version_of


def test_what_the_script_is_called_with() -> None:
    edits = [Edit("routes", "a", {"x": "é"}, expected=""), Edit("services", "b", None, "v1"), Edit("routes", "c", None)]
    assert arguments("write", edits, ["g:routes", "g:services"], "g", ("g:changes", b"notice")) == [
        2, "g:routes", "g:services", "write", "g:changes", b"notice",
        1, b"a", "", "set", '{"x":"é"}'.encode(),
        2, b"b", "v1", "del", "",
        1, b"c", "any", "del", "",
    ]  # fmt: skip


def test_the_version_is_what_the_server_computes() -> None:
    assert version_of(b"x") == sha1(b"x", usedforsecurity=False).hexdigest()
    assert sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest() == SHA


def test_a_document_that_is_no_json() -> None:
    with pytest.raises(ValueError, match=r"routes\.a cannot be written as JSON"):
        arguments("write", [Edit("routes", "a", {"x": object()})], ["g:routes"], "g", ("", b""))
