"""The soak of reloads, in short: what it counts comes back. Memory is for the long run."""

import pytest

from tests.soak.reload_changes import Changes
from tests.soak.reload_run import Kind, run


@pytest.mark.parametrize(("kind", "changes"), [("redis", 300), ("file", 40)])
async def test_nothing_is_left_of_configurations_that_are_gone(kind: Kind, changes: int) -> None:
    done = await run(kind, changes)
    assert done.faults() == []
    assert done.after.changes > changes
    assert max(one.upstreams for one in done.samples) >= done.before.upstreams > 20


def test_changes_are_of_every_kind_and_each_is_another() -> None:
    making = Changes((1, 2))
    made = [making.number(number) for number in range(1, 201)]
    assert len({(one.section, one.id, str(one.entity)) for one in made if one.entity is not None}) == 180
    assert sum(one.bad for one in made) == 40
    assert sum(one.section == "services" for one in made) == 40
    assert sum(one.entity is None for one in made) == 20
    assert {type(one.entity) for one in made if one.bad} == {str, dict}
