from pathlib import Path

from app.infrastructure.transport.file_stamp import file_stamp


def test_an_unchanged_file_keeps_its_stamp(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("one")

    assert file_stamp(str(file)) == file_stamp(str(file)) is not None


def test_a_replaced_file_of_the_same_size_has_another_stamp(tmp_path: Path) -> None:
    file, other = tmp_path / "file", tmp_path / "other"
    file.write_text("one")
    other.write_text("two")
    before = file_stamp(str(file))

    other.replace(file)

    assert file_stamp(str(file)) != before


def test_a_missing_file_has_none(tmp_path: Path) -> None:
    assert file_stamp(str(tmp_path / "missing")) is None
    assert file_stamp("nul\0byte") is None
