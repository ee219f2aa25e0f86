"""What an exchange holds of a target while it runs. Not for connections: those belong to the body."""

from app.domain.policies.load_balancing import Endpoint


class Lease:
    """One request in flight at an endpoint, from now until it is called, once."""

    __slots__ = ("_endpoint",)

    def __init__(self, endpoint: Endpoint) -> None:
        endpoint.in_flight += 1
        self._endpoint: Endpoint | None = endpoint

    def __call__(self) -> None:
        """Give it back; further calls do nothing."""
        if self._endpoint is not None:
            self._endpoint.in_flight -= 1
            self._endpoint = None
