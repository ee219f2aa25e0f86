"""What a subject of the benchmark says of itself: what it can do, and how it is started. Starts nothing itself."""

import re
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class Ability(Enum):
    """A kind of traffic. A workload asks for one, and leaves out the subjects that lack it."""

    HTTP1 = "HTTP/1.1 in clear text"
    HTTP2 = "HTTP/2 over TLS"
    STREAMS = "large bodies, and many connections, to a backend"
    WEBSOCKET = "WebSockets to a backend"
    POLICY = "tokens, limits and access logs before a backend"


PROXIES = frozenset({Ability.HTTP1, Ability.STREAMS, Ability.WEBSOCKET})


@dataclass(frozen=True)
class Keys:
    """What tokens are verified with: the same RSA key in two forms."""

    jwks: str
    """JSON Web Key Set."""
    pem: Path
    issuer: str
    audience: str


@dataclass(frozen=True)
class Place:
    """Where a subject is to serve, on 127.0.0.1, and what it is to serve from."""

    port: int
    backend: int
    """Port of the backend, which speaks HTTP/1.1 in clear text."""
    directory: Path
    """An empty directory for its files; removed when the subject has ended."""
    certificate: Path | None = None
    """PEM file of certificate and key, in this order. When given, clients are served over TLS, HTTP/2 included."""
    keys: Keys | None = None
    """When given, requests are only let through by the policy that the workload `policy` describes."""


@dataclass(frozen=True)
class Launch:
    """A command. `environment` is added to that of the rig."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    """Working directory; none: that of the rig, the root of the repository."""


class Subject(ABC):
    """A server that is measured. One object lives for a whole run, and is launched many times."""

    name: str
    abilities: frozenset[Ability]

    def prepare(self, cache: Path) -> str:
        """Get ready, once: an empty text, or why this subject cannot be measured. May install into `cache`."""
        return ""

    @abstractmethod
    def version(self) -> str:
        """Its version, asked of itself. Called after `prepare` said that it is there."""

    @abstractmethod
    def launch(self, place: Place) -> Launch:
        """Write its files into `place.directory`; the command that starts it there, in the foreground."""


def find_program(name: str) -> str:
    """Path of a program: beside this Python, on the PATH, or where systems keep daemons. Empty when there is none."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    return found or shutil.which(name, path="/usr/sbin:/usr/local/sbin") or ""


def ask_version(*command: str) -> str:
    """The first number with a dot that a program prints, beside its own path."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    found = re.search(r"\d+(\.\d+)+", (done.stdout + done.stderr).replace(command[0], ""))
    return found[0] if found else "?"


def fill(template: Path, values: Mapping[str, object]) -> str:
    """A template with its `@name@` replaced. Raises KeyError for a name that has no value."""
    return fill_text(template.read_text(), values)


def fill_text(text: str, values: Mapping[str, object]) -> str:
    """`fill` for text that is read already."""
    return re.sub(r"@(\w+)@", lambda match: str(values[match[1]]), text)
