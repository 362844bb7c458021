"""Flags and subjects for the tests, with only what a test cares about spelled out."""

import json
from datetime import UTC, datetime
from typing import Any

from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.system.instants import to_micros
from quote_service.pricing.flags.compiled_flag import CompiledFlag, compile_flag
from quote_service.pricing.flags.decision import Decision, Subject
from quote_service.pricing.flags.flag import FlagDraft, flag_faults
from quote_service.pricing.regions import address_regions

NOW_US = to_micros(datetime(2026, 3, 1, 12, tzinfo=UTC))
CUSTOMER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
OTHER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c"
KADIKOY = address_regions("TR", "İstanbul", "Kadıköy")


def draft(rollout: dict[str, Any] | None = None, **fields: Any) -> FlagDraft:
    """A BOOLEAN flag that is on, unless said otherwise; nothing is wrong with it."""
    members = {"key": "checkout", "type": "BOOLEAN", "value": True, "is_enabled": True, **fields}
    if rollout is not None:
        members["rollout"] = rollout
    made = convert_exact(parse_exact(json.dumps(members)), FlagDraft)
    assert list(flag_faults(made)) == []
    return made


def compiled(rollout: dict[str, Any] | None = None, at_us: int = NOW_US, **fields: Any) -> CompiledFlag:
    """The same, compiled."""
    return compile_flag(draft(rollout, **fields), 1, at_us)


def subject(customer_id: str | None = CUSTOMER, **fields: Any) -> Subject:
    """A gold customer in Kadıköy."""
    known = {"customer_tier": "gold", "segments": ["returning"], "regions": KADIKOY, **fields}
    return Subject(customer_id, **known)


def decide(flag: CompiledFlag, customer_id: str | None = CUSTOMER, **fields: Any) -> Decision:
    """What a flag says to that customer."""
    return flag.evaluate(subject(customer_id, **fields))
