"""Numbers in a file: counted by one, read by all."""

from pathlib import Path

from app.infrastructure.telemetry.metrics_file import CELLS, MetricsFile, Series, read


def test_what_workers_count_is_read_by_name(tmp_path: Path) -> None:
    first, second = MetricsFile(tmp_path / "new", "1"), MetricsFile(tmp_path / "new", "2")
    place = first.add("a", ("x",), 2)
    first.values[place + 1] += 3.0
    second.values[second.add("a", ("x",), 2)] = 1.0
    second.values[second.add("b", ())] = 0.5
    expected = [
        (Series("a", ("x",), 0, 2), [0.0, 3.0]),
        (Series("a", ("x",), 0, 2), [1.0, 0.0]),
        (Series("b", (), 2, 1), [0.5]),
    ]
    assert list(read(tmp_path / "new")) == expected
    for file in (first, second):
        file.close()
    assert list(read(tmp_path / "new")) == expected


def test_there_is_an_end_of_the_room(tmp_path: Path) -> None:
    file = MetricsFile(tmp_path, "1")
    assert file.add("a", (), CELLS) == 0
    assert file.add("b", ()) == -1
    assert [series.kind for series, _ in read(tmp_path)] == ["a"]
    file.close()


def test_what_is_half_written_is_left_out(tmp_path: Path) -> None:
    file = MetricsFile(tmp_path, "1")
    file.add("a", ())
    file.close()
    with (tmp_path / "1.names").open("ab") as names:
        names.write(b'["b",[],1')
    (tmp_path / "2.names").write_bytes(b'["c",[],0,1]\n')
    (tmp_path / "3.names").write_bytes(b'["c",[],0,1]\n')
    (tmp_path / "3.values").write_bytes(b"odd")
    assert [series.kind for series, _ in read(tmp_path)] == ["a"]
    assert list(read(tmp_path / "missing")) == []
