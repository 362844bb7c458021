"""How many streams one process keeps open: in all, of those who are let in beside its people, and of one viewer.

Who streams to whom is the caller's business: pages and the API have places of their own.

Source: docs/spec/access.md#streams.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from quote_service.platform.system.errors import Overloaded, TooMany

_RETRY_SECONDS = 10


class Viewer(NamedTuple):
    """Who keeps a stream open: so many `at_most`, None for as many as there is room for; a guest has the guests' share alone."""

    name: str
    is_guest: bool
    at_most: int | None


class StreamPlaces:
    """The streams that are open in this process. What guests may not have is kept for the others."""

    __slots__ = ("_guests", "_guests_max", "_in_all", "_of", "_what")

    def __init__(self, in_all: int, guests_max: int, what: str = "streams") -> None:
        self._in_all = in_all
        self._guests_max = guests_max
        self._what = what
        self._of: Counter[str] = Counter()
        self._guests = 0

    def take(self, viewer: Viewer) -> "StreamPlace":
        """A place for one more stream, until it is given back.

        Raises:
            TooMany: The viewer has as many as one may.
            Overloaded: The process has as many as it takes, or the guests have all that are theirs.
        """
        if viewer.at_most is not None and self._of[viewer.name] >= viewer.at_most:
            reported = f"At most {viewer.at_most} {self._what} can be open at once"
            raise TooMany(reported, retry_after_seconds=_RETRY_SECONDS)
        if self._of.total() >= self._in_all or (viewer.is_guest and self._guests >= self._guests_max):
            raise Overloaded(f"Too many {self._what} are open", retry_after_seconds=_RETRY_SECONDS)
        self._of[viewer.name] += 1
        self._guests += viewer.is_guest
        return StreamPlace(partial(self._give_back, viewer))

    def _give_back(self, viewer: Viewer) -> None:
        self._guests -= viewer.is_guest
        self._of[viewer.name] -= 1
        if not self._of[viewer.name]:
            del self._of[viewer.name]


class StreamPlace:
    """One place of `StreamPlaces`."""

    __slots__ = ("_give_back",)

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back: Callable[[], None] | None = give_back

    def close(self) -> None:
        """Give it back, once."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()

    # An answer whose client leaves before it begins is never run, so that nothing in it would close this.
    __del__ = close
