"""The two parts of the benchmark: traffic while the configuration is quiet and while it changes, and many routes.

Starts servers and programs and collects what they print. Judges nothing.
"""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.churn import entities, gateway, store
from benchmarks.churn.figures import Load, Many, Phase, Start
from benchmarks.churn.loop import Costs
from benchmarks.churn.programs import fixed_rate, printed, program
from benchmarks.churn.watch import Watching
from benchmarks.rig import backends
from benchmarks.rig.cores import Cores
from benchmarks.rig.processes import Child, StartFailed, answers, free_port, running
from benchmarks.rig.usage import MIB

PATIENCE = 120.0
"""Seconds in which a gateway with many routes must be ready."""
WARM_UP = 3.0
"""Seconds of traffic that count nowhere."""
LEAD = 3.0
"""Seconds in which traffic goes on before and after the changes."""


@dataclass(frozen=True)
class Options:
    """How much of everything."""

    routes: int
    many: int
    rate: float
    changes: int
    seconds: float
    gateways: int
    workers: int
    tunnels: int
    compiled: bool


@dataclass(frozen=True)
class Site:
    """What runs for the whole of the benchmark: the store and the backends, by port."""

    store: int
    backend: int
    streams: int
    directory: Path
    cores: Cores

    @property
    def url(self) -> str:
        """Of the store."""
        return f"redis://127.0.0.1:{self.store}/0"


@contextlib.contextmanager
def site(cores: Cores) -> Iterator[Site]:
    """An empty store and both backends, on the core of the load. Raises StartFailed."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="churn-")))
        made = Site(free_port(), free_port(), free_port(), directory, cores)
        launches = {
            "store": store.launch(made.store, directory),
            "backend": backends.small(made.backend, directory),
            "streams": backends.streams(made.streams),
        }
        children = {
            name: stack.enter_context(running(launch, cores.load, directory / f"{name}.log"))
            for name, launch in launches.items()
        }
        store.connect(made.store).close()
        children["backend"].wait_until_it_serves(made.backend, secure=False)
        children["streams"].wait_until_it_serves(made.streams, secure=False)
        yield made


def fill(at: Site, count: int, start: int = 0) -> None:
    """Routes `start` to `count`, and with the first ones the services."""
    filler = store.connect(at.store)
    if not start:
        filler.fill("services", entities.services(at.backend, at.streams))
    filler.fill("routes", entities.routes(count, start))
    filler.close()


class Traffic:
    """Gateways with traffic, for one phase after the other."""

    def __init__(self, at: Site, options: Options) -> None:
        self._at, self._options = at, options
        self._gateways: list[tuple[int, Child]] = []

    @contextlib.contextmanager
    def started(self) -> Iterator[None]:
        """With every gateway serving. Raises StartFailed."""
        at, options = self._at, self._options
        with contextlib.ExitStack() as stack:
            for number in range(options.gateways):
                port, state = free_port(), at.directory / f"state-{number}"
                launch = gateway.launch(port, at.url, state, options.workers, compiled=options.compiled)
                log = at.directory / f"gateway-{number}.log"
                self._gateways.append((port, stack.enter_context(running(launch, at.cores.subject, log))))
            for port, child in self._gateways:
                child.wait_until_it_serves(port, secure=False)
            yield
            self._gateways = []

    def phase(self, changes: int) -> Phase:
        """Traffic beside so many changes. Raises LoadFailed."""
        options = self._options
        with program(self._watch(changes)) as watch:
            loads = self.load(options.seconds + 2 * LEAD)
            return Phase(loads, printed(watch, Watching, options.seconds))

    def load(self, seconds: float) -> list[Load]:
        """Traffic alone. Raises LoadFailed."""
        rate = self._options.rate / self._options.gateways
        with contextlib.ExitStack() as stack:
            loads = [stack.enter_context(program(fixed_rate(port, rate, seconds))) for port, _ in self._gateways]
            return [printed(load, Load, seconds) for load in loads]

    def _watch(self, changes: int) -> tuple[str, ...]:
        at, options = self._at, self._options
        pairs = [word for port, child in self._gateways for word in ("--gateway", f"{port}:{child.pid}")]
        amounts = ("--changes", changes, "--seconds", options.seconds, "--tunnels", options.tunnels)
        place = ("--workers", options.workers, "--store", at.store, "--backend", at.backend)
        return ("benchmarks.churn.watch", *pairs, *map(str, (*place, *amounts)))


def many(at: Site, options: Options, changes: int) -> Many:
    """With `options.many` routes: two starts of a gateway, and the cost of one change. Raises as the others."""
    fill(at, options.many, options.routes)
    first, again = start(at, compiled=options.compiled), start(at, compiled=options.compiled)
    command = ("benchmarks.churn.loop", "--store", str(at.store), "--backend", str(at.backend))
    environment = gateway.environment(compiled=options.compiled)
    with program((*command, "--changes", str(changes)), environment, at.cores.subject) as loop:
        return Many(first, again, printed(loop, Costs, changes * 2.0))


def start(at: Site, *, compiled: bool) -> Start:
    """Start a gateway with one worker, wait until it is ready, look at it, end it. Raises StartFailed."""
    port = free_port()
    launch = gateway.launch(port, at.url, at.directory / "state-many", 1, compiled=compiled)
    began = time.perf_counter()
    with running(launch, at.cores.subject, at.directory / "many.log") as child:
        while not answers(port, secure=False):
            if time.perf_counter() - began > PATIENCE or not child.tree():
                raise StartFailed(f"it does not answer with 200: {child.said()}")
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        workers = child.tree()[1:]
        if not workers:
            raise StartFailed("the gateway has no worker")
        time.sleep(LEAD)  # the copy for the next start is written meanwhile
        return Start(seconds, max(one.memory_info().rss for one in workers) / MIB)
