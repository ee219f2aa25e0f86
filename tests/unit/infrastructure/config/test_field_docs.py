"""Docstrings below fields."""

import pytest

from app.infrastructure.config.field_docs import class_doc, field_docs


class Base:
    """The base
    of it."""

    first: int = 1
    """The first
    one."""


class Derived(Base):
    second: str
    third: str = "x"
    """The third."""

    def method(self) -> str:
        """Not a field."""
        return self.third

    fourth = 1
    """Not annotated."""


def test_fields_with_those_of_the_base() -> None:
    assert field_docs(Derived) == {"first": "The first one.", "third": "The third."}


def test_classes() -> None:
    assert class_doc(Base) == "The base of it."
    assert class_doc(Derived) == ""


@pytest.mark.parametrize("kind", [int, type("Made", (), {})])
def test_without_source_there_are_none(kind: type) -> None:
    assert field_docs(kind) == {}
