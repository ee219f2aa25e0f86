"""What the figures were taken on."""

import os
import platform
from importlib import metadata
from pathlib import Path

from benchmarks.rig.subject import ask_version, find_program

PACKAGES = ("httptools", "msgspec", "starlette", "uvloop")
TOOLS = {"wrk": "-v", "h2load": "--version"}


def describe() -> dict[str, str]:
    """Processor, kernel, Python, and how busy the machine was before the run."""
    busy = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return {
        "processor": f"{os.cpu_count()} x {_processor()}",
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "load average before": f"load average before {busy}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def tools() -> dict[str, str]:
    """Versions of what puts the load on, and of the packages that the gateway is made of."""
    found = {name: ask_version(name, option) for name, option in TOOLS.items() if find_program(name)}
    return found | {name: metadata.version(name) for name in PACKAGES}
