"""Databases of countries in MaxMind's format, for tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # ships no types; mmdb_writer asks for its sets


def write_database(path: Path, records: Mapping[str, Any], version: int = 6) -> str:
    """A database of network to record, put in place by a rename; its path."""
    writer = MMDBWriter(version, "Test-Country", ipv4_compatible=version == 6)
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    new = path.with_suffix(".new")
    writer.to_db_file(str(new))
    new.rename(path)
    return str(path)


def country(code: str) -> dict[str, dict[str, str]]:
    """A record as GeoLite2 has them."""
    return {"country": {"iso_code": code}}
