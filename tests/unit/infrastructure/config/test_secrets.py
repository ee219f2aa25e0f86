"""References: what they stand for, and that a value does not show."""

from pathlib import Path

import pytest

from app.infrastructure.config.secrets import LARGEST, Secret, SecretReader, read_secret

READ = SecretReader({"A": "value", "EMPTY": ""})


@pytest.mark.parametrize("text", ["", "plain", "env", "environment: A", "env:A b", "file:relative", "files:/x"])
def test_other_text_is_itself(text: str) -> None:
    assert READ(text) is text


def test_a_variable() -> None:
    assert READ("env:A") == "value"
    assert repr(READ("env:A")) == "'env:A'"
    assert f"{READ('env:A')}" == "value"


@pytest.mark.parametrize("content", ["value", "value\n", "value\r\n"])
def test_a_file_without_its_last_line_end(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(content.encode())
    assert READ(f"file:{path}") == "value"
    assert repr(READ(f"file:{path}")) == repr(f"file:{path}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("env:B", "environment variable B is not set"),
        ("env:EMPTY", "environment variable EMPTY is empty"),
        ("env:", "expected the name of an environment variable after env:, got ''"),
        ("env:my-key", "expected the name of an environment variable after env:, got 'my-key'"),
        ("file:/no/such", "secret file /no/such does not exist"),
        ("file:/", "secret file / is no file"),
    ],
)
def test_references_that_lead_nowhere(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        READ(text)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"\xff", "UTF-8"), (b"x" * (LARGEST + 1), "larger")],
)
def test_files_that_hold_no_secret(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        READ(f"file:{path}")


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, encoding: str) -> str:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "key").touch()
    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(ValueError, match="cannot be read: Permission denied"):
        READ(f"file:{tmp_path}/key")


def test_the_environment_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "value")
    found = read_secret("env:A_SECRET")
    assert isinstance(found, Secret)
    assert found == "value"


def test_a70_only_what_is_allowed_can_be_read(tmp_path: Path) -> None:
    folder, other = tmp_path / "secrets", tmp_path / "other"
    for place in (folder, other):
        place.mkdir()
        (place / "key").write_text("value")
    (folder / "link").symlink_to(other / "key")
    read = SecretReader({"A": "value", "B": "value"}, ["A", str(folder), "/"])
    assert read("env:A") == read(f"file:{folder}/key") == "value"
    assert read("plain") == "plain"
    for text in ("env:B", f"file:{other}/key", f"file:{folder}/../other/key", f"file:{folder}/link"):
        with pytest.raises(ValueError, match="may not be read by what comes from a store"):
            read(text)
    assert SecretReader({}, [f"{other}/key"])(f"file:{other}/key") == "value"
    with pytest.raises(ValueError, match="GATEWAY_STORE_SECRETS"):
        SecretReader({"A": "value"}, [])("env:A")
