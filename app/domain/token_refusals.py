"""Why a token does not count. The client is told nothing of it but that it is so; the reason is the operator's."""

from typing import Final

from app.domain.refusals import Unauthenticated

_UNTOLD: Final = "the token is not valid"


class TokenRefused(Unauthenticated):
    """A token that is not believed."""

    def __init__(self, reason: str, *, foreign: bool = False, genuine: bool = False, lasting: bool = False) -> None:
        super().__init__(_UNTOLD)
        self.reason: Final = reason
        """For the operator: never any of the token but its names of keys and algorithms."""
        self.foreign: Final = foreign
        """Whether it is another issuer's."""
        self.genuine: Final = genuine
        """Whether its signature holds, so that nobody was guessing."""
        self.lasting: Final = lasting
        """Whether it is refused for as long as the keys are the same, whatever time it is."""
