"""What the stream of a page tells its script (`live.js`).

Source: docs/spec/web.md#live-parts.
"""

from typing import Final

# To be asked for again at once: the API's stream has come to its end, or this process has.
AGAIN: Final = b"event: again\ndata: \n\n"
# The session has ended; the page goes on to show what it has, and leads to the sign-in.
SIGNED_OUT: Final = b"event: signed-out\ndata: \n\n"


def part_event(name: str, html: str) -> bytes:
    """A part of the page becomes this HTML."""
    lines = "".join(f"\ndata: {line}" for line in html.splitlines())
    return f"event: part\ndata: {name}{lines}\n\n".encode()
