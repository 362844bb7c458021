"""Every schema says what it holds, and the rules' schemas take what the service takes.

Source: docs/spec/operations.md#api-description; docs/spec/pricing-rules.md#types.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.openapi.field_docs import field_doc
from quote_service.platform.money.numbers import written_number
from quote_service.pricing.commission.rate import CommissionTier
from quote_service.pricing.flags.flag import Rollout
from quote_service.pricing.rule_types.registry import CONFIGURATIONS, RuleType
from tests.http.openapi.described import as_sent, document, validator
from tests.pricing.rulebooks import World
from tests.pricing_rules import test_validation as refused_rules
from tests.readme import examples

GOLDENS = Path(__file__).parents[2] / "pricing" / "golden"
REFUSED: list[tuple[dict[str, Any], list[str]]] = list(
    refused_rules.test_each_field_is_pointed_at.pytestmark[0].args[1]
)


def holders(value: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema with properties, whether it is a component or stands within another."""
    if isinstance(value, dict):
        if isinstance(value.get("properties"), dict) and "type" in value:
            yield place, value
        for name, entry in value.items():
            if name not in ("example", "examples"):
                yield from holders(entry, f"{place}/{name}")
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from holders(entry, f"{place}/{number}")


def literals(hint: Any) -> Iterator[Any]:
    if get_origin(hint) is Literal:
        yield from get_args(hint)
    else:
        for argument in get_args(hint):
            yield from literals(argument)


def test_every_property_of_every_schema_is_described() -> None:
    found = [
        (f"{place}/{name}", held.get("description", ""))
        for place, holder in holders({"paths": document()["paths"], "components": document()["components"]})
        for name, held in holder["properties"].items()
    ]
    assert len(found) > 700
    assert [place for place, description in found if not description.strip().endswith((".", ")"))] == []


def test_every_parameter_is_described() -> None:
    bare = [
        f"{operation['operationId']} {parameter['name']}"
        for path in document()["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    assert bare == []


def test_every_subject_is_described() -> None:
    reported = {tag["name"]: tag.get("description") for tag in document()["tags"]}
    used = {tag for path in document()["paths"].values() for operation in path.values() for tag in operation["tags"]}
    assert reported.keys() == used
    assert all(reported.values())


def test_a_description_stands_with_its_field() -> None:
    configuration = CONFIGURATIONS["DELIVERY_FEE"]
    schema = document()["components"]["schemas"]["DeliveryFee"]
    assert schema["properties"]["max_fee"]["description"] == field_doc(configuration, "max_fee") != ""
    # Of a class that another derives from, the fields are described once.
    assert field_doc(CONFIGURATIONS["COUPON"], "max_discount") == field_doc(CONFIGURATIONS["PROMOTION"], "max_discount")
    assert field_doc(configuration, "no_such_field") == ""


@pytest.mark.parametrize("type_", get_args(RuleType))
def test_a_rule_has_the_configuration_of_its_type(type_: RuleType) -> None:
    schemas = document()["components"]["schemas"]
    configuration = CONFIGURATIONS[type_]
    for form in ("RuleDraft", "RuleRecord", "RuleWritten"):
        variant = f"{configuration.__name__}{form}"
        reference = f"#/components/schemas/{variant}"
        assert {"$ref": reference} in schemas[form]["oneOf"]
        assert schemas[form]["discriminator"]["propertyName"] == "type"
        assert schemas[form]["discriminator"]["mapping"][type_] == reference
        held = schemas[variant]["properties"]
        assert held["type"]["const"] == type_
        assert held["configuration"]["$ref"] == f"#/components/schemas/{configuration.__name__}"
    shown = schemas[configuration.__name__]
    assert shown["properties"].keys() == set(configuration.__struct_encode_fields__)
    assert shown["additionalProperties"] is False
    for name, hint in get_type_hints(configuration).items():
        for value in literals(hint):
            assert json.dumps(value) in json.dumps(shown["properties"][name]), (name, value)


def test_amounts_are_numbers_or_texts_in_what_is_sent_and_numbers_in_answers() -> None:
    schemas = document()["components"]["schemas"]
    for sent, types in (
        (schemas["DeliveryFee"]["properties"]["base_fee"], ["number", "string"]),
        (schemas["RateDraft"]["properties"]["min_amount"], ["number", "string", "null"]),
    ):
        assert [branch["type"] for branch in sent["anyOf"]] == types
    assert schemas["RateRecord"]["properties"]["min_amount"]["anyOf"][0]["type"] == "number"
    assert schemas["QuoteDocument"]["properties"]["total_amount"]["type"] == "number"


def accepted_rules() -> Iterator[tuple[str, dict[str, Any]]]:
    for golden in sorted(GOLDENS.glob("*.json")):
        for rule in json.loads(golden.read_text()).get("setup", {}).get("pricing_rules", ()):
            yield f"{golden.name} {rule['name']}", rule
    for example in examples():
        if example.path == "/api/v1/pricing-rules":
            rule = json.loads(example.body)
            yield f"README {rule['name']}", rule


def test_the_schema_takes_every_rule_that_is_shown() -> None:
    shown = list(accepted_rules())
    assert len(shown) > 60
    for name, rule in shown:
        assert_fits("RuleDraft", rule, name)


@given(st.integers(0, 2**32 - 1))
def test_the_schema_takes_every_rule_that_the_service_takes(seed: int) -> None:
    for rule in World(seed).rules():
        assert_fits("RuleDraft", as_sent(rule), rule["name"])


@pytest.mark.parametrize(
    "configuration",
    [
        {"kind": "percent", "value": "10.5"},
        {"kind": "amount", "value": 5, "max_discount": "7.50"},
        {"kind": "buy_x_get_y", "value": {"buy": 2, "get": 1, "percent": 50}},
        {"kind": "tiered_percent", "value": {"tiers": [{"from": "10", "percent": 5}]}},
    ],
)
def test_the_schema_takes_each_way_of_writing_a_discount(configuration: dict[str, Any]) -> None:
    assert_fits("RuleDraft", {"name": "a", "type": "PROMOTION", "currency": "TRY", "configuration": configuration}, "")


def test_what_is_refused_does_not_fit_or_is_described() -> None:
    """Bounds between fields, and registers of names, are told in words; the rest the schema itself refuses."""
    fits = validator("RuleDraft").is_valid
    passed = {pointer for draft, pointers in REFUSED if fits({"name": "a", **as_sent(draft)}) for pointer in pointers}
    by_form = [draft for draft, _ in REFUSED if not fits({"name": "a", **as_sent(draft)})]
    assert len(by_form) >= 15
    schemas = document()["components"]["schemas"]
    described = {
        name
        for schema in ("RuleDraft", "Conditions", "TimeOfDay", "DiscountTier", *map(kind_name, CONFIGURATIONS))
        for holder in [schemas.get(schema, {}), *variants(schemas, schema)]
        for name, held in holder.get("properties", {}).items()
        if held.get("description")
    }
    undescribed = {pointer for pointer in passed if not described.intersection(pointer.split("/"))}
    assert undescribed == set()


def kind_name(type_: RuleType) -> str:
    return CONFIGURATIONS[type_].__name__


def variants(schemas: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    for entry in schemas.get(name, {}).get("oneOf", ()):
        yield schemas[entry["$ref"].rpartition("/")[2]]


def assert_fits(schema: str, value: dict[str, Any], name: str) -> None:
    bare = {field: entry for field, entry in value.items() if field not in ("id", "version", "created_at")}
    errors = [f"{error.instance_path}: {error.message}" for error in validator(schema).iter_errors(bare)]
    assert errors == [], name


def test_what_may_be_left_out_is_not_asked_for() -> None:
    """Generators of types take a field with the keyword `default` for one that is always there."""
    schemas = document()["components"]["schemas"]
    with_default = [
        f"{place}/{name}"
        for place, holder in holders(schemas)
        for name, held in holder["properties"].items()
        if "default" in held
    ]
    assert with_default == []
    assert set(schemas["Basket"]["required"]) == {
        *("customer_id", "seller_id", "items", "delivery_address", "currency"),
    }
    assert schemas["BasketItem"]["required"] == ["product_id", "quantity"]
    assert "Default: `false`." in schemas["Basket"]["properties"]["is_express_delivery"]["description"]


def test_what_is_always_answered_is_required() -> None:
    schemas = document()["components"]["schemas"]
    for name in ("PricingDocument", "DiscountDetailDocument", "RateRecord", "SaleRecord", "Purchase", "Verification"):
        current = {field for field, reported in schemas[name]["properties"].items() if not reported.get("deprecated")}
        assert set(schemas[name]["required"]) == current, name
    assert schemas["ItemDocument"]["properties"].keys() - set(schemas["ItemDocument"]["required"]) == {"tax_included"}
    # Shoppers are not shown what is between the marketplace and its sellers.
    staff_only = {"commission_breakdown", "payouts", "platform_funded_discount", "discount_details"}
    # And only who asks is given hints.
    optional = schemas["QuoteDocument"]["properties"].keys() - set(schemas["QuoteDocument"]["required"])
    assert optional == staff_only | {"hints"}
    # Sent it may be left out; answered it is there.
    assert schemas["CommissionTier"]["required"] == ["rate"]
    assert schemas["CommissionTierResponse"]["required"] == ["rate", "up_to"]
    # Not written where it says nothing.
    assert "default_value" not in schemas["FlagRecord"]["required"]
    assert schemas["ConditionsResponse"]["required"] == []


def test_an_answer_that_is_encoded_fits_its_schema() -> None:
    """The required fields are those that msgspec writes."""
    written = {
        "CommissionTierResponse": write_document(CommissionTier(written_number("1.5"))),
        "RolloutResponse": write_document(Rollout(percentage=written_number("10"))),
    }
    for name, text in written.items():
        assert_fits(name, msgspec.json.decode(text), name)
