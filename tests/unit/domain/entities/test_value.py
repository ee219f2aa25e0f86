"""What the representation of a value with secrets says."""

from app.domain.entities.value import Value, without


class Reference(str):
    __slots__ = ()

    def __repr__(self) -> str:
        return "'env:NAME'"


class Login(Value, frozen=True):
    name: str
    password: str = ""

    def __repr__(self) -> str:
        return without(self, "password")


def test_secrets_are_left_out_and_references_are_not() -> None:
    assert repr(Login("a", "hunter2")) == "Login(name='a', password=…)"
    assert repr([Login("a", Reference("hunter2"))]) == "[Login(name='a', password='env:NAME')]"
    assert repr(Login("a")) == "Login(name='a', password='')"
