"""Which gateway a command means, and where the token comes from."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import respx

from app.domain.admin_ports import AdminUnreachable, Where
from app.infrastructure.control.admin_access import open_admin

HERE = "http://127.0.0.1:8001"
STATUS = {"version": "1", "store": "s", "revision": 0, "digest": "", "age": 0.0, "workers": []}


def no_token() -> str:
    return ""


def sent(server: str, where: Where, environment: Mapping[str, str], kept: str = "") -> str:
    """The field that authorizes a request to `server`."""
    api = open_admin(where, environment, lambda: kept)
    with respx.mock:
        route = respx.get(f"{server}/status").respond(json=STATUS)
        api.status()
    api.close()
    field: str = route.calls.last.request.headers.get("authorization", "")
    return field


def test_the_server_is_the_options_then_the_environments_then_this_machines() -> None:
    environment = {"GATEWAY_ADMIN_URL": "http://b.example:1 "}
    sent("http://a.example:1", Where("http://a.example:1"), environment)
    sent("http://b.example:1", Where(), environment)
    sent(HERE, Where(), {})


def test_the_token_is_the_files_then_the_environments_then_the_kept_one(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("  from-file\n")
    environment = {"GATEWAY_ADMIN_TOKEN": "from-env", "GATEWAY_ADMIN_READ_TOKEN": "reading"}
    assert sent(HERE, Where(token_file=str(file)), environment, "kept") == "Bearer from-file"
    assert sent(HERE, Where(), environment, "kept") == "Bearer from-env"
    assert sent(HERE, Where(), {"GATEWAY_ADMIN_READ_TOKEN": "reading"}, "kept") == "Bearer reading"
    assert sent(HERE, Where(), {"GATEWAY_ADMIN_TOKEN": f"file:{file}"}, "kept") == "Bearer from-file"
    assert sent(HERE, Where(), {}, "kept") == "Bearer kept"
    assert sent(HERE, Where(), {}) == ""


@pytest.mark.parametrize(
    ("server", "is_here"),
    [
        ("http://localhost:1", True), ("http://127.0.0.2:1", True), ("http://[::1]:1", True),
        ("http://10.0.0.1:1", False), ("http://localhost.example:1", False),
    ],
)  # fmt: skip
def test_the_kept_token_stays_on_this_machine(server: str, is_here: bool) -> None:
    assert sent(server, Where(server), {}, "kept") == ("Bearer kept" if is_here else "")


@pytest.mark.parametrize(
    "server",
    ["127.0.0.1:8001", "ftp://a", "http://", "http://u:p@a", "http://a:0", "http://a:x", "http://a?x", "http://a b", "http://é"],
)  # fmt: skip
def test_what_is_no_server_is_told(server: str) -> None:
    with pytest.raises(AdminUnreachable, match="expected http://host:port"):
        open_admin(Where(server), {}, no_token)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\xff", "is not text"), (b"a b", "expected one line"), (b"x" * 5000, "expected one line")],
)
def test_a_token_file_that_holds_none_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(AdminUnreachable, match=words):
        open_admin(Where(token_file=str(file)), {}, no_token)


def test_a_token_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(AdminUnreachable, match="No such file"):
        open_admin(Where(token_file=str(tmp_path / "none")), {}, no_token)


def test_a_token_that_cannot_be_sent_is_told_without_it() -> None:
    with pytest.raises(AdminUnreachable, match="GATEWAY_ADMIN_TOKEN: expected one line") as caught:
        open_admin(Where(), {"GATEWAY_ADMIN_TOKEN": "s3 cret"}, no_token)
    assert "s3" not in str(caught.value)


def test_a_kept_token_that_others_can_read_is_told() -> None:
    def kept() -> str:
        raise ValueError("/state/admin-token: others may read it")

    with pytest.raises(AdminUnreachable, match="others may read it"):
        open_admin(Where(), {}, kept)


def test_a_ca_is_read(tmp_path: Path) -> None:
    with pytest.raises(AdminUnreachable, match="cannot be used as CA: No such file"):
        open_admin(Where(ca=str(tmp_path / "none")), {}, no_token)
    (tmp_path / "bad").write_text("nonsense")
    with pytest.raises(AdminUnreachable, match="cannot be used as CA"):
        open_admin(Where(), {"GATEWAY_ADMIN_CA": str(tmp_path / "bad")}, no_token)
