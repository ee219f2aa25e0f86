"""Streams that failed once, as files: a line of JSON that says what was seen, then the bytes themselves."""

import json
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Final

from tests.fuzz.campaign import Failure
from tests.fuzz.stream import Stream

FOLDER: Final = Path(__file__).with_name("corpus")


def save(folder: Path, failure: Failure, seed: int, server: str, backend: str) -> Path:
    """Write a failure down; the file's name says where it came from."""
    stream = failure.stream
    header: dict[str, Any] = {
        "seed": seed,
        "index": stream.index,
        "server": server,
        "backend": backend,
        "findings": failure.findings,
        "parts": [len(part) for part in stream.parts],
        "patient": stream.patient,
        "answered": failure.answered.decode("latin-1")[:4000],
        "sightings": failure.sightings,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{server}-{backend}-{seed}-{stream.index}.stream"
    path.write_bytes(json.dumps(header).encode() + b"\n" + stream.data)
    return path


def load(path: Path) -> Stream:
    """The stream of a file. Raises ValueError when its parts do not add up."""
    line, _, data = path.read_bytes().partition(b"\n")
    header = json.loads(line)
    edges = [0, *accumulate(header["parts"])]
    if edges[-1] != len(data):
        raise ValueError(f"{path.name} holds {len(data)} bytes, its parts are {edges[-1]}")
    parts = tuple(data[start:end] for start, end in pairwise(edges))
    return Stream(header["index"], parts, header["patient"])


def load_all(folder: Path = FOLDER) -> dict[int, Stream]:
    """Every stream of a folder by its index, which is unique in it."""
    streams = [load(path) for path in sorted(folder.glob("*.stream"))]
    by_index = {stream.index: stream for stream in streams}
    if len(by_index) != len(streams):
        raise ValueError(f"two files of {folder} have the same index")
    return by_index
