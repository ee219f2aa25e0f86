"""The two Python servers with the smallest application and no backend: how much of the gateway's time is theirs."""

import sys
from importlib import metadata
from pathlib import Path

from benchmarks.rig.subject import Ability, Launch, Place, Subject

APP = "benchmarks.peers.bare.hello:app"
BOTH = frozenset({Ability.HTTP1, Ability.HTTP2})


class BareGranian(Subject):
    """With uvloop, and what the gateway tells it as well."""

    name = "bare Granian"
    abilities = BOTH

    def version(self) -> str:
        return metadata.version("granian")

    def launch(self, place: Place) -> Launch:
        options = ["--interface", "asgi", "--host", "127.0.0.1", "--port", str(place.port), "--workers", "1"]
        options += ["--loop", "uvloop", "--no-access-log", "--log-level", "error", "--backlog", "2048"]
        if place.certificate:
            options += ["--ssl-certificate", str(place.certificate), "--ssl-keyfile", str(place.certificate)]
        else:
            options += ["--http", "1"]  # The default looks at each connection to see what it speaks.
        return Launch((str(Path(sys.executable).with_name("granian")), *options, APP))


class BareHypercorn(Subject):
    """With uvloop; its default would end a connection after 1,000 requests."""

    name = "bare Hypercorn"
    abilities = BOTH

    def version(self) -> str:
        return metadata.version("hypercorn")

    def launch(self, place: Place) -> Launch:
        config = place.directory / "hypercorn.toml"
        config.write_text("keep_alive_max_requests = 100000000\nkeep_alive_timeout = 600\n")
        options = ["--config", str(config), "--bind", f"127.0.0.1:{place.port}", "--workers", "1"]
        options += ["--worker-class", "uvloop", "--log-level", "error"]
        if place.certificate:
            options += ["--certfile", str(place.certificate), "--keyfile", str(place.certificate)]
        return Launch((str(Path(sys.executable).with_name("hypercorn")), *options, APP))


SUBJECTS: tuple[Subject, ...] = (BareGranian(), BareHypercorn())
