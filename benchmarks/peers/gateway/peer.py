"""The gateway itself, under each server, and compiled where a compiled build lies in `build/compiled`."""

import json
import sys
from importlib import metadata
from pathlib import Path

import app
from benchmarks.rig.subject import PROXIES, Ability, Launch, Place, Subject, fill

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
COMPILED = ROOT / "build" / "compiled"
"""Where a compiled `app` package is looked for: `build/compiled/app`."""


class Gateway(Subject):
    """`python -m app serve` with one worker."""

    abilities = PROXIES | {Ability.HTTP2, Ability.POLICY}

    def __init__(self, server: str, build: Path | None = None) -> None:
        self._server = server
        self._build = build
        self._named = server if server == "builtin" else server.capitalize()
        self.name = f"gateway, {self._named}" + (", compiled" if build else "")

    def prepare(self, cache: Path) -> str:
        if self._build and not any((self._build / "app").rglob("*.so")):
            return "there is no compiled build in build/compiled"
        return ""

    def version(self) -> str:
        below = "uvloop" if self._server == "builtin" else self._server
        return f"{app.__version__}, {self._named} on {below} {metadata.version(below)}"

    def launch(self, place: Place) -> Launch:
        config = place.directory / "gateway.yaml"
        config.write_text(_config(place))
        log = str(place.directory / "access.log") if place.keys else "off"
        options = ["--listen", f"127.0.0.1:{place.port}", "--server", self._server, "--workers", "1"]
        # Idle connections are to stay; what is logged is as little as the others log.
        options += ["--access-log", log, "--log-format", "json", "--state-dir", "off", "--admin-listen", "off"]
        options += ["--head-timeout", "600s", "--silent-timeout", "0s", "--log-level", "error"]
        if place.certificate:
            options += ["--tls-cert", str(place.certificate), "--tls-key", str(place.certificate)]
        command = (sys.executable, "-m", "app", "serve", "--config", str(config), *options)
        if not self._build:
            return Launch(command)
        # `-m` looks in the working directory first, then in PYTHONPATH: the sources here must not be found before.
        return Launch(command, {"PYTHONPATH": str(self._build)}, place.directory)


def _config(place: Place) -> str:
    if place.keys is None:
        return fill(HERE / "gateway.yaml", {"backend": place.backend})
    keys = json.dumps(json.loads(place.keys.jwks)["keys"])
    values = {"issuer": place.keys.issuer, "audience": place.keys.audience, "keys": keys, "backend": place.backend}
    return fill(HERE / "policy.yaml", values)


SUBJECTS: tuple[Subject, ...] = (
    Gateway("builtin"),
    Gateway("builtin", COMPILED),
    Gateway("granian"),
    Gateway("granian", COMPILED),
    Gateway("hypercorn"),
)
