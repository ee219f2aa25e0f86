"""Tokens of the admin listener: given, made, kept, refused."""

import os
import stat
import threading
from pathlib import Path

import pytest

from app.infrastructure.control.admin_tokens import (
    NAME,
    AdminTokens,
    is_loopback,
    read_kept_token,
    tokens_for,
)

LOCAL = "127.0.0.1:8001"
ANYWHERE = "0.0.0.0:8001"


def test_given_tokens_are_used(tmp_path: Path) -> None:
    assert tokens_for("w", "r", ANYWHERE, str(tmp_path)) == AdminTokens("w", "r")
    assert list(tmp_path.iterdir()) == []


def test_one_is_made_once_and_kept(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    made = tokens_for("", "r", LOCAL, state)
    assert made.generated
    assert len(made.write) >= 40
    assert made.read == "r"
    assert read_kept_token(state) == made.write
    assert stat.S_IMODE((tmp_path / "state" / NAME).stat().st_mode) == 0o600
    assert tokens_for("", "", LOCAL, state) == AdminTokens(made.write)
    assert [file.name for file in (tmp_path / "state").iterdir()] == [NAME]


def test_nothing_is_kept_without_a_place() -> None:
    first, second = (tokens_for("", "", LOCAL, "off") for _ in range(2))
    assert first.generated
    assert first.write != second.write
    assert read_kept_token("off") == ""


def test_two_gateways_that_start_at_once_agree(tmp_path: Path) -> None:
    made: list[AdminTokens] = []
    starts = [threading.Thread(target=lambda: made.append(tokens_for("", "", LOCAL, str(tmp_path)))) for _ in range(8)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len({tokens.write for tokens in made}) == 1
    assert [tokens.generated for tokens in made].count(True) == 1


def test_the_token_of_a_gateway_that_was_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def beaten(made: str, name: Path) -> None:
        first = tmp_path / "first"
        first.write_text("faster\n")
        first.chmod(0o600)
        link(first, name)
        link(made, name)

    monkeypatch.setattr(os, "link", beaten)
    assert tokens_for("", "", LOCAL, str(tmp_path)) == AdminTokens("faster")


@pytest.mark.parametrize("listen", [ANYWHERE, ":8001", "[::]:8001", "10.0.0.1:1", "gateway.example:1"])
def test_none_is_made_for_an_address_that_others_reach(tmp_path: Path, listen: str) -> None:
    with pytest.raises(ValueError, match=r"GATEWAY_ADMIN_TOKEN: must be set, because .* from other machines"):
        tokens_for("", "r", listen, str(tmp_path))


@pytest.mark.parametrize(
    ("write", "read", "reason"),
    [
        ("same", "same", "GATEWAY_ADMIN_READ_TOKEN: must not be the token that may write"),
        ("a b", "", "GATEWAY_ADMIN_TOKEN: expected printable ASCII"),
        ("w", "é", "GATEWAY_ADMIN_READ_TOKEN: expected printable ASCII"),
    ],
)
def test_tokens_that_cannot_be_used(write: str, read: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        tokens_for(write, read, LOCAL, "off")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"no token can be kept in .*/file/state: Not a directory; set GATEWAY_ADMIN"):
        tokens_for("", "", LOCAL, str(tmp_path / "file" / "state"))
    with pytest.raises(ValueError, match="cannot be read: Not a directory"):
        read_kept_token(str(tmp_path / "file"))


def test_there_is_none(tmp_path: Path) -> None:
    assert read_kept_token(str(tmp_path)) == ""


def test_tokens_are_not_shown() -> None:
    assert repr(AdminTokens("secret", "also secret")) == "AdminTokens(generated=False)"


def test_a_file_that_others_read(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("token\n")
    (tmp_path / NAME).chmod(0o640)
    with pytest.raises(ValueError, match="others may read it"):
        read_kept_token(str(tmp_path))
    with pytest.raises(ValueError, match="others may read it"):
        tokens_for("", "", LOCAL, str(tmp_path))


def test_a_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / NAME).write_text("token\n")
    (tmp_path / NAME).chmod(0o600)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(ValueError, match="belongs to another user"):
        read_kept_token(str(tmp_path))


@pytest.mark.parametrize("content", ["", "two words", "\n", "é"])
def test_a_file_without_a_token(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)
    (tmp_path / NAME).chmod(0o600)
    with pytest.raises(ValueError, match="holds no token"):
        read_kept_token(str(tmp_path))


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME, 0o600)
    with pytest.raises(ValueError, match="is no regular file"):
        read_kept_token(str(tmp_path))
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).symlink_to("/etc/passwd")
    with pytest.raises(ValueError, match="cannot be read"):
        read_kept_token(str(tmp_path))


@pytest.mark.parametrize("listen", ["127.0.0.1:1", "127.8.9.10:1", "[::1]:1", "localhost:1", "LOCALHOST:1"])
def test_loopback(listen: str) -> None:
    assert is_loopback(listen)
