"""The form of a quote that a shopper sees: without what the marketplace keeps and what its sellers are paid.

It is cut out of the issued bytes, so that a quote is priced, kept and shared once for everybody. Names stand in quotes and
every quote inside a text is escaped, so a name with the comma before it can only be a member's.

Source: docs/spec/access.md#shoppers-quotes.
"""

import re
from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

from msgspec.structs import fields

from quote_service.pricing.below_cost import BELOW_COST
from quote_service.pricing.commission.negative_payouts import PAYOUT_NEGATIVE
from quote_service.pricing.figure import ASKED_FOR, NOT_EMPTY
from quote_service.pricing.quote_answer import UnsignedQuote

_HINTS = get_type_hints(UnsignedQuote, include_extras=True)


def _is_marked(name: str, marker: str) -> bool:
    return any(marker in getattr(held, "__metadata__", ()) for held in get_args(_HINTS[name]))


# What may be left out of a quote as a whole is left out for shoppers, but for what they may ask for.
MARKETPLACE_MEMBERS = tuple(
    field.name for field in fields(UnsignedQuote) if not field.required and not _is_marked(field.name, ASKED_FOR)
)
# Those that every whole form has; the others are lists that are left out where they are empty.
WHOLE_MEMBERS = tuple(name for name in MARKETPLACE_MEMBERS if not _is_marked(name, NOT_EMPTY))
# What is warned of there is of the marketplace alone, too.
MARKETPLACE_WARNINGS = (PAYOUT_NEGATIVE, BELOW_COST)
# Who pays for a discount would show again among the inputs of its calculation.
MARKETPLACE_INPUT = "platform_funded"

_NAMES = UnsignedQuote.__struct_fields__
# They stand in one stretch, before the sum with its calculations.
_STRETCH = _NAMES.index(MARKETPLACE_MEMBERS[0])
assert _NAMES[_STRETCH : _STRETCH + len(MARKETPLACE_MEMBERS)] == MARKETPLACE_MEMBERS
_FIRST, _AFTER, _END_OF_CALCULATIONS = (
    f',"{name}":'.encode() for name in (MARKETPLACE_MEMBERS[0], "pricing_breakdown", "applied_rules")
)
_PLATFORM_INPUT = re.compile(rb',"platform_funded":[0-9.]+')
_CACHE = b',"cache":'
_TEXT = rb'"(?:[^"\\]|\\.)*"'
_WARNING = rb'\{"code":"(?:%b)","detail":%b(?:,"pointer":%b)?\}' % (
    "|".join(MARKETPLACE_WARNINGS).encode(),
    _TEXT,
    _TEXT,
)
# With the comma that it leaves.
_WARNINGS = re.compile(rb",%b|%b,?" % (_WARNING, _WARNING))


def shopper_head(head: bytes) -> bytes:
    """The start of an issued quote, at least up to its flags, in the shopper's form; one that has it stays as it is."""
    after = head.index(_AFTER)
    first = head.find(_FIRST, 0, after)
    if first < 0:
        return head
    end = head.index(_END_OF_CALCULATIONS, after)
    return b"".join((head[:first], _PLATFORM_INPUT.sub(b"", head[after:end]), head[end:]))


def shopper_tail(tail: bytes) -> bytes:
    """What stands behind the value of `cache` of an issued quote, signed or not, in the shopper's form."""
    return _WARNINGS.sub(b"", tail)


def shopper_text(signed: bytes) -> bytes:
    """The text under the signature of an issued quote, in the shopper's form."""
    # Behind `cache` come only warnings, whose texts hold no quote that is not escaped.
    cut = signed.rindex(_CACHE)
    return shopper_head(signed[:cut]) + shopper_tail(signed[cut:])


def shopper_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a parsed quote."""
    shown = {name: value for name, value in document.items() if name not in MARKETPLACE_MEMBERS}
    pricing = shown["pricing_breakdown"]
    shown["pricing_breakdown"] = {**pricing, "calculations": shopper_calculations(pricing["calculations"])}
    if "warnings" in shown:
        shown["warnings"] = [each for each in shown["warnings"] if each["code"] not in MARKETPLACE_WARNINGS]
    return shown


def shopper_calculations(calculations: list[Any]) -> list[Any]:
    """The calculations of a parsed quote without who pays for a discount."""
    return [
        each
        if MARKETPLACE_INPUT not in each.get("inputs", ())
        else {**each, "inputs": {name: value for name, value in each["inputs"].items() if name != MARKETPLACE_INPUT}}
        for each in calculations
    ]
