"""Node's `http-proxy`, alone and as gateways are made of it; installed by npm into the cache of the rig.

From a lock file with hashes.
"""

import json
import shutil
import subprocess
from pathlib import Path

from benchmarks.rig.subject import PROXIES, Ability, Keys, Launch, Place, Subject, ask_version, find_program

HERE = Path(__file__).parent
INSTALL_SECONDS = 120


class NodeHttpProxy(Subject):
    """As a reverse proxy in one process. It has no HTTP/2."""

    name = "Node http-proxy"
    abilities = PROXIES

    _module = "http-proxy"
    """The package whose version is told."""

    def __init__(self) -> None:
        self._modules = Path()

    def prepare(self, cache: Path) -> str:
        if not find_program("node") or not find_program("npm"):
            return "node and npm are not installed"
        folder = cache / "node"
        self._modules = folder / "node_modules"
        lock = (HERE / "package-lock.json").read_text()
        kept = folder / "package-lock.json"
        if self._modules.is_dir() and kept.is_file() and kept.read_text() == lock:
            return ""
        return self._install(folder)

    def _install(self, folder: Path) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder / name)
        command = (find_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return f"npm did not install it within {INSTALL_SECONDS} s"
        return f"npm could not install it: {done.stderr.strip()[-200:]}" if done.returncode else ""

    def version(self) -> str:
        package = json.loads((self._modules / self._module / "package.json").read_text())
        return f"{package['version']} on Node {ask_version(find_program('node'), '--version')}"

    def launch(self, place: Place) -> Launch:
        command = (find_program("node"), str(HERE / "proxy.cjs"), str(place.port), str(place.backend))
        return Launch(command, {"NODE_PATH": str(self._modules), "NODE_ENV": "production"})


class LeanNode(NodeHttpProxy):
    """`http-proxy` with the least that the policy needs: jsonwebtoken with a cache, a token bucket, pino."""

    name = "Node, lean gateway"
    abilities = frozenset({Ability.POLICY})
    _script = "lean.cjs"
    _module = "jsonwebtoken"

    def launch(self, place: Place) -> Launch:
        if place.keys is None:
            raise ValueError(f"{self.name} is only measured with the policy")
        keys: Keys = place.keys
        command = (
            find_program("node"), str(HERE / self._script), str(place.port), str(place.backend), str(keys.pem),
            keys.issuer, keys.audience, str(place.directory / "access.log"),
        )  # fmt: skip
        return Launch(command, {"NODE_PATH": str(self._modules), "NODE_ENV": "production"})


class ExpressGateway(LeanNode):
    """Express with the middleware that its users reach for."""

    name = "Node, Express gateway"
    _script = "express.cjs"
    _module = "express"


SUBJECTS: tuple[Subject, ...] = (NodeHttpProxy(), LeanNode(), ExpressGateway())
