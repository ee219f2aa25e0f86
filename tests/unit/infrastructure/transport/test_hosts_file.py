from pathlib import Path

import pytest

from app.infrastructure.transport.hosts_file import HostsFile

TEXT = """\
# 10.0.0.9 commented
10.0.0.1  users.internal users   # 10.0.0.8 also.commented
2001:db8::1 Both.Internal
10.0.0.2 both.internal both.internal
10.0.0.3 both.internal
not-an-address broken.internal
10.9.9.9 localhost

10.0.0.4
fe80::1%eth0 zoned.internal
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "hosts"
    path.write_text(TEXT)
    return path


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("users.internal", ("10.0.0.1",)),
        ("users", ("10.0.0.1",)),
        ("USERS.Internal.", ("10.0.0.1",)),
        ("both.internal", ("10.0.0.2", "10.0.0.3", "2001:db8::1")),
        ("zoned.internal", ("fe80::1%eth0",)),
        ("commented", ()),
        ("also.commented", ()),
        ("broken.internal", ()),
        ("10.0.0.4", ()),
        ("unknown", ()),
        ("", ()),
        ("localhost", ("127.0.0.1", "::1")),
        ("LocalHost.", ("127.0.0.1", "::1")),
        ("users.localhost", ("127.0.0.1", "::1")),
        ("notlocalhost", ()),
    ],
)
def test_addresses(path: Path, host: str, addresses: tuple[str, ...]) -> None:
    assert HostsFile(str(path)).addresses(host) == addresses


def test_a_changed_file_is_read_again_and_a_removed_one_is_empty(path: Path, tmp_path: Path) -> None:
    hosts = HostsFile(str(path))
    assert hosts.addresses("users") == ("10.0.0.1",)

    new = tmp_path / "new"
    new.write_text("10.0.0.77 users\n")
    new.replace(path)
    assert hosts.addresses("users") == ("10.0.0.77",)

    path.unlink()
    assert hosts.addresses("users") == ()
    assert hosts.addresses("localhost") == ("127.0.0.1", "::1")


def test_an_unchanged_file_is_read_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = HostsFile(str(path))
    hosts.addresses("users")

    def refuse(*_: object, **__: object) -> str:
        raise AssertionError("read again")

    monkeypatch.setattr(Path, "read_text", refuse)

    assert hosts.addresses("both.internal") == ("10.0.0.2", "10.0.0.3", "2001:db8::1")


def test_bytes_that_are_no_text_harm_only_their_line(path: Path) -> None:
    path.write_bytes(b"\xff\xfe 10.0.0.1\n10.0.0.2 good\n")

    assert HostsFile(str(path)).addresses("good") == ("10.0.0.2",)


def test_a_directory_in_its_place_is_empty(tmp_path: Path) -> None:
    assert HostsFile(str(tmp_path)).addresses("users") == ()
