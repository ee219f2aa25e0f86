"""Keys of an issuer in PEM files, read again when they change. Not for what a key may be: `jose_verifier`."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

from app.domain.ports import Events, Sleep
from app.infrastructure.security.followed_file import FollowedFile
from app.infrastructure.security.key_reading import of_file
from app.infrastructure.security.key_set import KeySet, ReadyKey

LOOK_EVERY: Final = 3.0
"""Seconds."""


class KeyFiles:
    """Implements KeySource. A file that cannot be used leaves the key that was in it before."""

    def __init__(self, issuer: str, paths: Sequence[str], algorithms: Sequence[str], events: Events) -> None:
        """Read the files; they are small. `issuer` is for the operator."""
        read = partial(of_file, algorithms=algorithms)
        what = f"a key of issuer {issuer}"
        self._files: Final[list[FollowedFile[ReadyKey]]] = [FollowedFile(path, what, read, events) for path in paths]
        self.keys: KeySet | None = None
        self.version = 0
        if self._look():
            self._take()

    def more(self) -> None:
        """Nothing to wait for: what is in the files is known."""

    async def run(self) -> None:
        """See KeySource."""
        await self.follow(asyncio.sleep)

    async def follow(self, sleep: Sleep) -> None:
        """Look whether the files have changed, again and again."""
        while True:
            await sleep(LOOK_EVERY)
            if await asyncio.to_thread(self._look):
                self._take()

    def _look(self) -> bool:
        """Whether there is something new. Every file is looked at."""
        changed = [file.look() for file in self._files]
        return True in changed

    def _take(self) -> None:
        keys = [file.content for file in self._files if file.content is not None]
        self.keys = KeySet(keys, named=False) if keys else None
        self.version += 1
