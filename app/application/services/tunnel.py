"""A WebSocket through the gateway: two pumps, one idle watch, one end. Not for handshakes (the peers are open).

Each pump holds at most one message: a side that does not read stops the reading of the other side. Two peers that can
pass messages on to one another do so themselves; the pumps then only wait for the end.
"""

import asyncio
from collections.abc import Awaitable

from app.application.services.tunnel_report import End, Side, TunnelReport
from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.websocket import WebSocketClosed, WebSocketPeer
from app.domain.policies.websocket import GOING_AWAY, TOO_BIG, code_for_downstream, code_for_upstream
from app.domain.ports import Clock, Sleep


class Tunnel:
    """Carries whole messages, text as text and binary as binary, until one side or the gateway ends it."""

    __slots__ = ("_clock", "_downstream", "_ended", "_policy", "_sleep", "_upstream", "report")

    def __init__(
        self, downstream: WebSocketPeer, upstream: WebSocketPeer, policy: WebSocketPolicy, clock: Clock, sleep: Sleep
    ) -> None:
        self._downstream = downstream
        self._upstream = upstream
        self._policy = policy
        self._clock = clock
        self._sleep = sleep
        self.report = TunnelReport(clock)
        self._ended: asyncio.Future[End] = asyncio.get_running_loop().create_future()

    async def run(self) -> TunnelReport:
        """Relay until the end, then close both sides. Cancellation closes both with 1001 and goes on."""
        failure: BaseException | None = None
        try:
            self.report.end = await self._relay()
        except asyncio.CancelledError as cancelled:
            self.report.end = End(GOING_AWAY, "the gateway is shutting down", "gateway")
            failure = cancelled
        except Exception as error:  # a mistake of ours: both sides are closed all the same
            failure = error
        await self._close_both(self.report.end)
        if failure is not None:
            raise failure
        return self.report

    def stop(self, code: int, reason: str) -> None:
        """End the tunnel with `code` on both sides; does nothing when it has ended."""
        self._end(End(code, reason, "gateway"))

    async def _relay(self) -> End:
        async with asyncio.TaskGroup() as tasks:
            workers = (
                tasks.create_task(self._pump_up()),
                tasks.create_task(self._pump_down()),
                tasks.create_task(self._watch()),
            )
            try:
                return await self._ended
            finally:
                for worker in workers:
                    worker.cancel()

    async def _pump_up(self) -> None:
        passed = self._downstream.pass_to(self._upstream, self.report.received)
        if passed is None:
            await self._carry_up()
        else:
            await self._until(passed, "downstream")

    async def _pump_down(self) -> None:
        passed = self._upstream.pass_to(self._downstream, self.report.sent)
        if passed is None:
            await self._carry_down()
        else:
            await self._until(passed, "upstream")

    async def _until(self, passed: Awaitable[None], side: Side) -> None:
        try:
            await passed
        except WebSocketClosed as closed:
            self._end(End(closed.code, closed.reason, side))

    async def _carry_up(self) -> None:
        downstream, upstream, flow = self._downstream, self._upstream, self.report.received
        limit = self._policy.max_message
        side: Side = "downstream"
        try:
            while True:
                side = "downstream"
                message = await downstream.receive()
                size = _size(message)
                if size > limit:
                    self._end(End(TOO_BIG, f"message larger than {int(limit)} bytes", "gateway"))
                    return
                side = "upstream"
                taken = upstream.send(message)
                if taken is not None:
                    await taken
                flow.passed(size)
        except WebSocketClosed as closed:
            self._end(End(closed.code, closed.reason, side))

    async def _carry_down(self) -> None:
        downstream, upstream, flow = self._downstream, self._upstream, self.report.sent
        side: Side = "upstream"
        try:
            while True:
                side = "upstream"
                message = await upstream.receive()
                side = "downstream"
                taken = downstream.send(message)
                if taken is not None:
                    await taken
                flow.passed(_size(message))
        except WebSocketClosed as closed:
            self._end(End(closed.code, closed.reason, side))

    async def _watch(self) -> None:
        """End the tunnel when no message passed either way for the idle time; 0 sets no limit."""
        idle = self._policy.idle
        if not idle:
            return
        report = self.report
        while (left := max(report.sent.active, report.received.active) + idle - self._clock()) > 0:
            await self._sleep(left)
        self._end(End(GOING_AWAY, "idle for too long", "gateway"))

    def _end(self, end: End) -> None:
        if not self._ended.done():
            self._ended.set_result(end)

    async def _close_both(self, end: End) -> None:
        """Both at once: the closing handshake of one side must not keep the other one waiting."""
        up = code_for_upstream(end.code) if end.by == "downstream" else end.code
        down = code_for_downstream(end.code) if end.by == "upstream" else end.code
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._upstream.close(up, end.reason))
            tasks.create_task(self._downstream.close(down, end.reason))


class Tunnels:
    """The tunnels of a worker, so that a shutdown can end them."""

    __slots__ = ("_clock", "_closing", "_open", "_sleep")

    def __init__(self, clock: Clock, sleep: Sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._open: set[Tunnel] = set()
        self._closing: tuple[int, str] | None = None

    def __len__(self) -> int:
        return len(self._open)

    def open(self, downstream: WebSocketPeer, upstream: WebSocketPeer, policy: WebSocketPolicy) -> Tunnel:
        """A tunnel between two open peers."""
        return Tunnel(downstream, upstream, policy, self._clock, self._sleep)

    async def run(self, tunnel: Tunnel) -> TunnelReport:
        """Run `tunnel`; it ends at once when the tunnels are being closed."""
        self._open.add(tunnel)
        if self._closing is not None:
            tunnel.stop(*self._closing)
        try:
            return await tunnel.run()
        finally:
            self._open.discard(tunnel)

    def close_all(self, code: int, reason: str) -> None:
        """End every tunnel, and every one that is opened from now on, with `code`."""
        self._closing = (code, reason)
        for tunnel in self._open:
            tunnel.stop(code, reason)


def _size(message: str | bytes) -> int:
    """Bytes on the wire; the encoding is only paid for where it makes a difference."""
    if isinstance(message, str) and not message.isascii():
        return len(message.encode())
    return len(message)
