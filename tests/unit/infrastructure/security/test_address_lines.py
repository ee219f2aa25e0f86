"""Files of addresses: whole or not at all."""

from pathlib import Path

import pytest

from app.infrastructure.security import address_lines
from app.infrastructure.security.address_lines import read_addresses


def file(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "list.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_a_line_is_an_address_a_network_a_comment_or_nothing(tmp_path: Path) -> None:
    text = "# bad ones\n\n192.0.2.1\n 10.0.0.0/8  # site\n203.0.113.0/24 ; SBL1\r\n2001:db8::/32\n::ffff:198.51.100.7"
    table = read_addresses(file(tmp_path, text))
    assert table.count == 5
    for address in ("192.0.2.1", "10.9.9.9", "203.0.113.255", "2001:db8::1", "198.51.100.7"):
        assert address in table
    assert "192.0.2.2" not in table


@pytest.mark.parametrize("bad", ["10.0.0.1/8", "example.com", b"\xff\xfe", "1.2.3.4 5.6.7.8", "x" * 5000])
def test_a_bad_line_is_named_shortly(tmp_path: Path, bad: str | bytes) -> None:
    line = bad if isinstance(bad, bytes) else bad.encode()
    with pytest.raises(ValueError, match=r"^line 2: ") as caught:
        read_addresses(file(tmp_path, b"192.0.2.1\n" + line))
    assert len(str(caught.value)) < 250


def test_a_file_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_lines, "MOST_BYTES", 4)
    with pytest.raises(ValueError, match="more than 4 bytes"):
        read_addresses(file(tmp_path, "192.0.2.1"))


def test_a_hundred_thousand_lines_are_read(tmp_path: Path) -> None:
    lines = "\n".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(100_000))
    table = read_addresses(file(tmp_path, lines))
    assert table.count == 100_000
    assert "10.1.134.159" in table
    assert "10.1.134.160" not in table
