"""The HTTP/2 connection below, as its streams and its outlet use it. Not for what it does."""

from app.infrastructure.downstream.site import Site


class Link:
    """Streams are known by their numbers."""

    __slots__ = ("site",)

    def __init__(self, site: Site) -> None:
        self.site = site

    def some_sent(self, number: int, *, ended: bool) -> None:
        """A part of what waited was sent; `ended` when it was the end of the stream."""

    def answered(self, number: int, *, whole: bool) -> None:
        """The end of the answer was sent; `whole` when the request has ended too."""

    def broken_off(self, number: int) -> None:
        """The application left an answer incomplete."""

    def taken(self, number: int, size: int) -> None:
        """An application took `size` bytes of a body."""

    def application_over(self, number: int, unread: int) -> None:
        """An application has returned, and left `unread` bytes of a body."""
