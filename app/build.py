"""How this copy of the package was built. Not for its version."""

from typing import Final

COMPILED: Final = not __file__.endswith(".py")
"""Whether the hot path is machine code (docs/decisions/0011-compiled.md)."""
