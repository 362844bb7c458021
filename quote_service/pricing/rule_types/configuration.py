"""What the configurations of all rule types have in common."""

from typing import Annotated

import msgspec

ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Units = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class RuleConfiguration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a rule of some type is configured with; fields that the type does not have are refused on write."""
