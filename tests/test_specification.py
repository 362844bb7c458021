"""The names in the tables of `docs/spec/` are those of the API's description and of the code.

Source: docs/spec/README.md.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from quote_service.platform.callers.access import ROLES
from quote_service.platform.http.openapi.openapi import openapi_document
from quote_service.platform.http.problems import problem_types
from quote_service.routes import ROUTERS
from quote_service.selling.flash_sales.model.audit import INVARIANTS
from quote_service.serving.cli import COMMANDS

PROJECT = Path(__file__).parents[1]
PAGES = PROJECT / "docs" / "spec"


@cache
def schemas() -> dict[str, Any]:
    document = openapi_document(Litestar(route_handlers=list(ROUTERS), openapi_config=None))
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def section(page: str, heading: str) -> str:
    """What stands below a heading, up to the next one."""
    text = (PAGES / page).read_text("utf-8")
    _, found, rest = text.partition(f"# {heading}\n")
    assert found, f"{page} has no heading {heading}"
    return re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def names(text: str) -> set[str]:
    """What stands in backticks and is a single name."""
    return set(re.findall(r"`([A-Za-z_]\w*)`", text))


def first_column(page: str, heading: str) -> set[str]:
    """What the rows of a section's table name first."""
    rows = re.findall(r"^\| (.+?) \|", section(page, heading).partition("| --- |")[2], re.MULTILINE)
    return {name for row in rows for name in names(row)}


def choices(schema: str, field: str) -> set[str]:
    """The values of a field, whether or not it may be null."""
    described = schemas()[schema]["properties"][field]
    return {value for one in (described, *described.get("anyOf", ())) for value in one.get("enum", ())}


def test_every_type_of_rule_has_its_row_and_every_fee_and_tax_its_heading() -> None:
    types = set(schemas()["RuleDraft"]["discriminator"]["mapping"])
    assert first_column("pricing-rules.md", "Types") == types
    for name in types - {"PROMOTION", "COUPON"}:
        assert section("pricing-rules.md", name).strip()


@pytest.mark.parametrize(
    ("page", "heading", "schema", "field"),
    [
        ("pricing-rules.md", "Discounts", "Promotion", "kind"),
        ("feature-flags.md", "Evaluation", "Evaluation", "reason"),
        ("feature-flags.md", "Types and values", "FlagDraft", "type"),
        ("commission.md", "What a rate charges", "RateDraft", "commission_type"),
    ],
)
def test_a_table_has_a_row_for_every_value(page: str, heading: str, schema: str, field: str) -> None:
    assert first_column(page, heading) == choices(schema, field)


@pytest.mark.parametrize(
    ("page", "heading", "schema", "field"),
    [
        ("pricing-rules.md", "Coupons", "CouponDocument", "reason"),
        ("pricing-rules.md", "Discounts", "Promotion", "funded_by"),
        ("quotes.md", "Answer", "QuoteDocument", "cache"),
        ("quotes.md", "Answer", "ItemDocument", "price_source"),
        ("flash-sales.md", "States", "SaleRecord", "state"),
        ("operations.md", "Health", "Readiness", "status"),
    ],
)
def test_every_value_is_named(page: str, heading: str, schema: str, field: str) -> None:
    values = choices(schema, field)
    assert values
    assert values <= names(section(page, heading))


@pytest.mark.parametrize(
    ("page", "heading", "schema"),
    [("pricing-rules.md", "Conditions", "Conditions"), ("quotes.md", "Request", "Basket")],
)
def test_every_field_is_named(page: str, heading: str, schema: str) -> None:
    properties = schemas()[schema]["properties"]
    current = {name for name, reported in properties.items() if not reported.get("deprecated")}
    assert current <= names(section(page, heading))


def test_every_warning_is_named() -> None:
    code = "".join(file.read_text("utf-8") for file in (PROJECT / "quote_service").rglob("*.py"))
    given = set(re.findall(r'\bWarning\(\s*"([a-z_]+)"', code))
    assert len(given) >= 5
    assert given <= first_column("quotes.md", "Warnings")


def test_every_status_of_a_problem_is_named() -> None:
    statuses = {str(problem.status) for problem in problem_types()} - {"500"}
    table = section("wire.md", "Status codes")
    assert statuses <= set(re.findall(r"\b[1-5][0-9]{2}\b", table))


def test_the_roles_are_those_that_there_are() -> None:
    assert first_column("access.md", "Roles") == set(ROLES)


def test_the_invariants_are_those_of_the_audit() -> None:
    reported = re.findall(r"^\| (I[0-9]+) \|", section("flash-sales.md", "Invariants"), re.MULTILINE)
    assert reported == [f"I{number}" for number in range(1, 16)]
    assert INVARIANTS.keys() <= set(reported)


def test_every_command_is_named() -> None:
    reported = section("operations.md", "Production") + section("operations.md", "Development")
    assert not [name for name in COMMANDS if not re.search(rf"`(?:quote-service )?{re.escape(name)}\b", reported)]
