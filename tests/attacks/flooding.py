"""Opens more connections than anybody needs, and opens anew what is closed. Blocks: it is for a thread or a process.

`python -m tests.attacks.flooding PORT COUNT SECONDS SOURCE…` prints how many were opened.
"""

import asyncio
import sys
import time

from tests.attacks.holding import Held


def flood(port: int, sources: list[str], count: int, seconds: float) -> int:
    """Keep `count` connections open, and open what is closed again; how many were opened. Blocks."""
    held: list[Held] = []
    opened = 0
    end = time.monotonic() + seconds
    while (now := time.monotonic()) < end:
        for one in held:
            one.look(now, 0)
        for one in [one for one in held if one.dropped is not None]:
            one.sock.close()
        held = [one for one in held if one.dropped is None]
        while len(held) < count and time.monotonic() < end:
            try:
                held.append(Held("silent", port, None, sources[opened % len(sources)]))
            except OSError:
                break
            opened += 1
        time.sleep(0.05)
    for one in held:
        one.sock.close()
    return opened


async def flooded_elsewhere(port: int, sources: list[str], count: int, seconds: float) -> int:
    """`flood` in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.attacks.flooding", str(port), str(count), str(seconds), *sources),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    return int(out)


if __name__ == "__main__":
    print(flood(int(sys.argv[1]), sys.argv[4:], int(sys.argv[2]), float(sys.argv[3])))
