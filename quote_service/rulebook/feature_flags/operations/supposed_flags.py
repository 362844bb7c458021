"""Flags as somebody supposes them who asks what a quote would be: on, for everybody, with one value.

Source: docs/spec/quotes.md#simulate-a-quote.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.flags.flag import FlagDraft, flag_faults
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.rule_types.demand_price import DYNAMIC_PRICING
from quote_service.pricing.rulebook.effective_period import EXPRESS_FLAG
from quote_service.pricing.rulebook.rulebook import Rulebook


def supposed_flags(held: Rulebook, values: Mapping[str, Any]) -> list[StoredFlag]:
    """Flags that say a value to everybody.

    Args:
        held: The rulebook whose flags they stand for.
        values: What each is to say, by key.

    Raises:
        Invalid: There is no such flag, or the value does not fit it; pointers are below `/flag_overrides`.
    """
    known = {flag.draft.key: flag for flag in held.flags.values()}
    flags, faults = [], []
    for key, value in values.items():
        pointer = "/flag_overrides/" + key.replace("~", "~0").replace("/", "~1")
        flag = known.get(key) or _flag_of_the_engine(key)
        if flag is None:
            faults.append(Fault(pointer, "there is no such flag, or it is archived"))
            continue
        # A percentage's outcome is a boolean, so that is what it is supposed to say.
        kind = "BOOLEAN" if flag.draft.type == "PERCENTAGE" else flag.draft.type
        draft = msgspec.structs.replace(
            flag.draft, type=kind, value=value, is_enabled=True, rollout=None, default_value=msgspec.UNSET
        )
        faults += [Fault(pointer, fault.detail) for fault in flag_faults(draft)]
        flags.append(msgspec.structs.replace(flag, draft=draft, state="ACTIVE"))
    if faults:
        raise Invalid.because(tuple(faults))
    return flags


def _flag_of_the_engine(key: str) -> StoredFlag | None:
    """The flags that the engine knows by name may be supposed before they exist."""
    if key == EXPRESS_FLAG:
        draft = FlagDraft(key=key, type="NUMBER", value=1)
    elif key == DYNAMIC_PRICING:
        draft = FlagDraft(key=key, type="BOOLEAN", value=True)
    else:
        return None
    return StoredFlag(id=new_id(), version=1, draft=draft, is_archived=False, changed_in=0)
