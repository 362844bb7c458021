"""Whether a process is about to stop: said once, at SIGTERM, and asked by whatever should not begin anything long then."""


class Lifecycle:
    """`is_draining` is set when the process is asked to stop; it never goes back."""

    __slots__ = ("is_draining",)

    def __init__(self) -> None:
        self.is_draining = False
