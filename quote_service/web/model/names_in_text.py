"""Names within a sentence, which others write: in whatever direction they are read, the words and figures around them stay as they are.

Source: docs/spec/web.md#design.
"""

from typing import Final
from unicodedata import bidirectional

#: Marks, embeddings, overrides and isolates, which change how everything behind them is read, until they are closed.
_CONTROLS: Final = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
_FROM_THE_RIGHT: Final = frozenset(("R", "AL", "AN"))
_ISOLATE, _END = "\u2068", "\u2069"


def name_in_text(name: str) -> str:
    """A name as it stands in a sentence."""
    plain = name.translate(_CONTROLS)
    is_turned = any(bidirectional(letter) in _FROM_THE_RIGHT for letter in plain)
    return f"{_ISOLATE}{plain}{_END}" if is_turned else plain
