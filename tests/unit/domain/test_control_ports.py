"""What errors of the store say."""

from app.domain.control_ports import StoreConflict, StoreError


def test_a_conflict_names_the_entity_and_what_to_do() -> None:
    error = StoreConflict("routes", "hello")
    assert isinstance(error, StoreError)
    assert (error.section, error.id) == ("routes", "hello")
    assert str(error) == "routes.hello was changed by somebody else meanwhile: read it again"
