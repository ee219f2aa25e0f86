"""`gateway serve` for the application of `inside`: the same settings, supervisor, workers and servers. Nothing else."""

import os
import sys

import msgspec

from app.infrastructure.config.settings import Settings
from app.infrastructure.telemetry import logging as telemetry
from app.infrastructure.workers.server import Server, Site
from app.serving import server_options


def main() -> int:
    """Serve until a signal; everything comes from `GATEWAY_*`."""
    settings = Settings.from_environment(os.environ)
    options = msgspec.structs.replace(server_options(settings), target="tests.soak.inside:app")
    environment = {**os.environ, **settings.to_environment()}
    server = Server(settings.server, lambda _: environment, settings.drain, settings.grace)
    site = Site("worker", settings.listen, options, settings.workers)
    events = telemetry.configure(settings.log_level, settings.log_format)
    try:
        return server.run([site], events, lambda urls: print("listens on", *urls, file=sys.stderr))
    finally:
        events.close()


if __name__ == "__main__":
    sys.exit(main())
