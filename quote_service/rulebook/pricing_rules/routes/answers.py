"""What is answered about pricing rules, and examples of it.

Source: docs/spec/pricing-rules.md#versions.
"""

from typing import Any
from uuid import UUID

import msgspec

from quote_service.platform.documents.document_changes import FieldChange
from quote_service.platform.http.endpoints.results import Location
from quote_service.pricing.check.finding import Finding
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord

PATH = "/api/v1/pricing-rules"
PLACED = Location(f"{PATH}/{{id}}", "The version that was created.")


class RuleWritten(RuleRecord, frozen=True, kw_only=True):
    """A version just made, with what the rule check says of it."""

    warnings: list[Finding]
    """What the rule check finds about this version."""


class VersionNamed(msgspec.Struct, frozen=True):
    """One side of a comparison."""

    id: UUID
    """Id of the version."""
    version: int
    """Number of the version."""


class RuleDiff(msgspec.Struct, frozen=True):
    """What differs between two versions of one rule, field by field."""

    name: str
    """Name of the rule."""
    compared: VersionNamed
    """The version that was asked about."""
    to: VersionNamed
    """The version it was compared with."""
    changes: list[FieldChange]
    """The fields that differ; `before` is of `compared`, `after` of `to`."""


class VersionsQuery(msgspec.Struct, frozen=True):
    """Which rule's versions."""

    name: str
    """Name of the rule."""


class DiffQuery(msgspec.Struct, frozen=True):
    """What to compare with: the id or the number of a version of the same rule."""

    to: str
    """Id or number of the version of the same rule to compare with."""


def written(record: RuleRecord, warnings: list[Finding]) -> RuleWritten:
    """The version with its warnings."""
    fields = {name: getattr(record, name) for name in RuleRecord.__struct_fields__}
    return RuleWritten(**fields, warnings=warnings)


DRAFT_EXAMPLE: dict[str, Any] = {
    "name": "istanbul-delivery",
    "type": "DELIVERY_FEE",
    "configuration": {"base_fee": msgspec.Raw(b"15.00"), "per_km": msgspec.Raw(b"2.5"), "provider": "swift"},
    "currency": "TRY",
    "region": "TR/Istanbul",
    "priority": 10,
    "conditions": {"max_subtotal": msgspec.Raw(b"500.00")},
    "effective_from": "2026-04-01T00:00:00Z",
}
RULE_EXAMPLE: dict[str, Any] = {
    **DRAFT_EXAMPLE,
    "effective_to": None,
    "is_active": True,
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "version": 1,
    "created_by": "0199a1b2-0000-7000-8000-00000000000a",
    "created_at": "2026-03-01T09:00:00Z",
    "updated_by": "0199a1b2-0000-7000-8000-00000000000a",
    "updated_at": "2026-03-01T09:00:00Z",
    "revision": 1,
}
FINDING_EXAMPLE: dict[str, Any] = {
    "code": "price-cliff",
    "severity": "notice",
    "why": "istanbul-small (version 1): at the small-basket threshold the basket that is worth more pays less: "
    "57.49 TRY just below, 50.00 from there on",
    "rows": [
        {"kind": "rule", "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "name": "istanbul-small", "version": 1},
    ],
    "examples": [
        {
            "shows": "just below",
            "request": {
                "customer_id": "00000000-0000-4000-8000-000000000001",
                "seller_id": "00000000-0000-4000-8000-00000000005e",
                "items": [
                    {
                        "product_id": "00000000-0000-4000-8000-0000000000aa",
                        "quantity": 1,
                        "unit_price": msgspec.Raw(b"49.99"),
                    }
                ],
                "delivery_address": {"country": "TR", "city": "Istanbul"},
                "currency": "TRY",
            },
            "at": "2026-03-01T09:00:00Z",
            "amounts": {
                "subtotal": msgspec.Raw(b"49.99"),
                "discount_amount": msgspec.Raw(b"0.00"),
                "tax_amount": msgspec.Raw(b"0.00"),
                "delivery_fee": msgspec.Raw(b"0.00"),
                "small_basket_fee": msgspec.Raw(b"7.50"),
                "total_amount": msgspec.Raw(b"57.49"),
                "total_commission": msgspec.Raw(b"0.00"),
            },
        }
    ],
}
WRITTEN_EXAMPLE: dict[str, Any] = {**RULE_EXAMPLE, "warnings": []}
DIFF_EXAMPLE: dict[str, Any] = {
    "name": "istanbul-delivery",
    "compared": {"id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "version": 1},
    "to": {"id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c", "version": 2},
    "changes": [
        {"pointer": "/configuration/base_fee", "before": msgspec.Raw(b"15.00"), "after": msgspec.Raw(b"12.00")},
        {"pointer": "/configuration/max_fee", "after": msgspec.Raw(b"40.00")},
    ],
}
