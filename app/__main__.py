"""`python -m app`, and the `gateway` script: the command line with everything it needs."""

import sys

from app.interfaces.cli.main import run
from app.toolbox import CommandLineToolbox


def main() -> None:
    """Run the command line and end the process with its exit code."""
    sys.exit(run(CommandLineToolbox()))


if __name__ == "__main__":
    main()
