"""What a worker tells of itself, as JSON between its page and whoever asks. Not for how it is counted."""

import msgspec


class Held(msgspec.Struct, frozen=True):
    """What a worker holds at one moment."""

    tasks: int
    """Of asyncio, with that of this page itself."""
    upstreams: int
    """Targets that have a pool, those of configurations that are gone included as long as they live."""
    busy: int
    """Connections to targets that are leased, or being opened."""
    idle: int
    waiting: int
    """Requests that wait for a connection."""
    watched: int
    """Exchanges whose deadlines are looked at."""
    blocks: int
    """Python's allocated memory blocks: they grow where objects are kept, whatever the allocator does with pages."""
    collections: int
    """Full garbage collections so far. Between two of them cycles wait, and memory grows by what they hold."""
