"""HAProxy, from the system's packages."""

from pathlib import Path

from benchmarks.rig.subject import PROXIES, Ability, Launch, Place, Subject, ask_version, fill, find_program

HERE = Path(__file__).parent


class Haproxy(Subject):
    """As a reverse proxy with one thread."""

    name = "HAProxy"
    abilities = PROXIES | {Ability.HTTP2}

    def prepare(self, cache: Path) -> str:
        return "" if find_program("haproxy") else "the package haproxy is not installed"

    def version(self) -> str:
        return ask_version(find_program("haproxy"), "-v")

    def launch(self, place: Place) -> Launch:
        tls = f"ssl crt {place.certificate} alpn h2,http/1.1" if place.certificate else ""
        config = place.directory / "haproxy.cfg"
        config.write_text(fill(HERE / "haproxy.cfg", {"port": place.port, "backend": place.backend, "tls": tls}))
        return Launch((find_program("haproxy"), "-db", "-f", str(config)))


SUBJECTS: tuple[Subject, ...] = (Haproxy(),)
