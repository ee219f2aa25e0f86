"""The configurations that are shown to newcomers are valid. Not for what they do."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def check(file: Path) -> subprocess.CompletedProcess[str]:
    """`gateway check` of one file."""
    command = [sys.executable, "-m", "app", "check", str(file)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_quickstart_is_valid_and_nothing_in_it_shadows() -> None:
    done = check(ROOT / "examples/quickstart.yaml")
    assert done.returncode == 0, done.stderr
    assert " 0 warnings" in done.stdout


def test_the_first_route_of_the_readme_is_valid(tmp_path: Path) -> None:
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown is not None
    file = tmp_path / "gateway.yaml"
    file.write_text(shown[1])
    done = check(file)
    assert done.returncode == 0, done.stderr
    assert "1 route" in done.stdout
