"""A step of the pipeline (`pipeline.py`): what it does to the pricing context, where it stands, and why there."""

from collections.abc import Callable
from typing import Any

import msgspec


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step.

    `run` writes to a `PricingContext`. With `only_with` the step is left out wherever no rule of that type can count.
    `before` is the name of the step that one brought by a rule type goes before; the pipeline's own stand as listed.
    """

    name: str
    run: Callable[[Any], None]
    because: str
    only_with: str | None = None
    before: str | None = None
