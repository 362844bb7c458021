"""How progress is told.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from collections.abc import Callable
from typing import TypeAlias

#: Takes what is being written, how much of it is done, and how much there is.
ReportProgress: TypeAlias = Callable[[str, int, int], None]
