"""People who price or analyse read pricing rules and compare their versions.

Source: docs/spec/pricing-rules.md#versions.
"""

from typing import Annotated
from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import RULE_READERS
from quote_service.platform.documents.document_changes import document_changes
from quote_service.platform.documents.exact_json import below, parse_json
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.documents.renamed import with_new_names
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import Reading
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor, Tag
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault, Invalid, NotFound
from quote_service.pricing.regions import RegionUnreadable, region_key
from quote_service.rulebook.pricing_rules.model.rule_records import RuleFilters, RuleRecord, draft_of
from quote_service.rulebook.pricing_rules.routes.answers import (
    DIFF_EXAMPLE,
    RULE_EXAMPLE,
    DiffQuery,
    RuleDiff,
    VersionNamed,
    VersionsQuery,
)
from quote_service.rulebook.pricing_rules.tables.pricing_rules import (
    page_of_rules,
    page_of_versions,
    rule_by_id,
    rule_by_version,
)

_VERSION_MAX = 2**31 - 1


def _check_region(page: Page[RuleFilters, tuple[str, int]]) -> None:
    if page.filters.region is not None:
        try:
            region_key(page.filters.region)
        except RegionUnreadable as unreadable:
            raise Invalid.at("/query/region", str(unreadable)) from None


@get(
    access=RULE_READERS, example=RULE_EXAMPLE, cursor=Cursor("pricing-rules", ("name", "version")), check=_check_region
)
async def list_pricing_rules(connection: Reading, page: Page[RuleFilters, tuple[str, int]]) -> list[RuleRecord]:
    """List pricing rules.

    All versions by name, newest first; with `active_at`, only the versions in effect at that time.
    """
    return await page_of_rules(connection, page.filters, after=_bounded(page.after), limit=page.limit + 1)


@get(
    "/versions",
    access=RULE_READERS,
    example=RULE_EXAMPLE,
    cursor=Cursor("pricing-rule-versions", ("version",)),
    problems=(NotFound,),
)
async def list_pricing_rule_versions(connection: Reading, page: Page[VersionsQuery, tuple[int]]) -> list[RuleRecord]:
    """List versions of a pricing rule.

    Newest first.
    """
    name = page.filters.name
    before = min(page.after[0], _VERSION_MAX) if page.after else None
    rows = await page_of_versions(connection, name, before_version=before, limit=page.limit + 1)
    if not rows and page.after is None:
        raise NotFound("There is no pricing rule of this name")
    return rows


@get("/{rule_id:uuid}", access=RULE_READERS, example=RULE_EXAMPLE, message="Pricing rule")
async def show_pricing_rule(
    connection: Reading, rule_id: FromPath[UUID]
) -> Annotated[RuleRecord, Tag(version="revision")]:
    """Get a version of a pricing rule."""
    return await _required(connection, rule_id)


def _compared_with(request: AnyRequest) -> str:
    given = request.query_params
    faults = [Fault(below("/query", name), "is not a known parameter") for name in dict.fromkeys(given) if name != "to"]
    sides: list[str] = given.getall("to", [])
    if len(sides) != 1:
        faults.append(Fault("/query/to", "is given more than once" if sides else "is required"))
    if faults:
        raise Invalid.because(tuple(faults))
    return sides[0]


@get(
    "/{rule_id:uuid}/diff",
    access=RULE_READERS,
    example=DIFF_EXAMPLE,
    message="What differs between the versions",
    query=DiffQuery,
    dependencies={"to": _compared_with},
)
async def compare_pricing_rules(connection: Reading, rule_id: FromPath[UUID], to: str) -> RuleDiff:
    """Compare two versions of a pricing rule.

    Field by field. `to` is the id or number of the other version. Numbers are compared by value, so 10 equals 10.00.
    """
    one = await _required(connection, rule_id)
    other = await _other(connection, one, to)
    if other.name != one.name:
        raise Invalid.at("/query/to", "is a version of another rule")
    contents = [parse_json(json_literal(with_new_names(draft_of(record))).encode()) for record in (one, other)]
    return RuleDiff(
        name=one.name,
        compared=VersionNamed(one.id, one.version),
        to=VersionNamed(other.id, other.version),
        changes=list(document_changes(*contents)),
    )


async def _required(connection: Connection, rule_id: UUID) -> RuleRecord:
    record = await rule_by_id(connection, rule_id)
    if record is None:
        raise NotFound("There is no such pricing rule")
    return record


async def _other(connection: Connection, one: RuleRecord, to: str) -> RuleRecord:
    """The version that a comparison is with."""
    if to.isascii() and to.isdecimal() and len(to) <= 10 and 0 < int(to) <= _VERSION_MAX:
        record = await rule_by_version(connection, one.name, int(to))
    else:
        try:
            record = await rule_by_id(connection, UUID(to))
        except ValueError:
            raise Invalid.at("/query/to", "must be the id or the number of a version") from None
    if record is None:
        raise NotFound("There is no such version to compare with")
    return record


def _bounded(after: tuple[str, int] | None) -> tuple[str, int] | None:
    # A cursor is input like any other: a number past PostgreSQL's integers would be an error of the driver.
    return None if after is None else (after[0], max(0, min(after[1], _VERSION_MAX)))
