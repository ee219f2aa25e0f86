"""Chains: lists of filters that routes share by name. The configuration value; routes are compiled with them."""

from typing import Any

from app.domain.entities.value import Entity


class Chain(Entity, frozen=True):
    """Filters that a route takes over by `use: <id>`. A list in its place stands for its `filters`."""

    filters: tuple[dict[str, Any], ...] = ()
    """As those of a route; a chain may use others, but not itself."""
