"""Long work lets others have their turn, and short work does not wait."""

from app.application.services.breather import PIECE, Breather


async def test_others_have_their_turn_after_each_piece() -> None:
    now, slept = [0.0], []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    breathe = Breather(lambda: now[0], sleep)
    await breathe()
    assert slept == []
    for _ in range(3):
        now[0] += PIECE
        await breathe()
        await breathe()
    assert slept == [0, 0, 0]
