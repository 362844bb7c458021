"""Admins make pricing rules, write their next versions, go back to old ones and take versions out of force.

Source: docs/spec/pricing-rules.md#versions.
"""

from typing import Annotated, NamedTuple
from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import RULE_WRITERS
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.documents.shown_members import written_members
from quote_service.platform.http.endpoints.connections import CreatingChange, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, post, put
from quote_service.platform.http.endpoints.results import Tag
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import NameTaken, NotFound, VersionConflict
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.preconditions import Precondition
from quote_service.pricing.check.finding import Finding
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord
from quote_service.rulebook.pricing_rules.operations.create_rule import create_rule
from quote_service.rulebook.pricing_rules.operations.deactivate_rule import deactivate_rule
from quote_service.rulebook.pricing_rules.operations.read_rule import read_rule
from quote_service.rulebook.pricing_rules.operations.replace_rule import replace_rule
from quote_service.rulebook.pricing_rules.operations.roll_back_rule import roll_back_rule, rolled_back
from quote_service.rulebook.pricing_rules.routes.answers import (
    DRAFT_EXAMPLE,
    PLACED,
    WRITTEN_EXAMPLE,
    RuleWritten,
    written,
)
from quote_service.rulebook.pricing_rules.tables.pricing_rules import newest_version, rule_by_id
from quote_service.rulebook.snapshot.operations.check_rulebook import check_after_write, newest_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder

_Written = Annotated[RuleWritten, Tag(version="revision")]


class _Next(NamedTuple):
    """A version that is about to be written, and what the rule check says of it: looked at before the transaction, which
    holds up every other writer of the rulebook until it ends."""

    id: UUID
    warnings: list[Finding]
    newest: int


async def _draft(request: AnyRequest, change: Author, settings: Settings) -> RuleDraft:
    return read_rule(parse_json(await request.body()), change.at, settings.default_currency or None)


async def _replacement(request: AnyRequest, change: Author, settings: Settings, rule_id: FromPath[UUID]) -> RuleDraft:
    sent = written_members(await request.body(), RuleDraft, RuleWritten, rule_id)
    return read_rule(sent, change.at, settings.default_currency or None)


async def _first(parts: Parts, change: Author, draft: RuleDraft) -> _Next:
    rule_id = UUID(new_id())
    return _Next(rule_id, await _warnings(parts, change, rule_id, 1, draft), 0)


async def _next(parts: Parts, change: Author, rule_id: FromPath[UUID], draft: RuleDraft) -> _Next:
    async with parts[Database].read() as connection:
        held = await _required(connection, rule_id)
    next_id = UUID(new_id())
    return _Next(next_id, await _warnings(parts, change, next_id, held.version + 1, draft), held.version)


async def _next_as_before(parts: Parts, change: Author, rule_id: FromPath[UUID]) -> _Next:
    async with parts[Database].read() as connection:
        held = await _required(connection, rule_id)
        newest = await newest_version(connection, held.name)
    assert newest is not None  # held is one
    next_id = UUID(new_id())
    return _Next(next_id, await _warnings(parts, change, next_id, newest + 1, rolled_back(held)), newest)


@post(
    access=RULE_WRITERS,
    body=RuleDraft,
    body_example=DRAFT_EXAMPLE,
    example=WRITTEN_EXAMPLE,
    message="Pricing rule created",
    location=PLACED,
    dependencies={"draft": _draft, "version": _first},
    problems=(NameTaken,),
)
async def add_pricing_rule(change: CreatingChange, draft: RuleDraft, version: _Next) -> _Written:
    """Create a pricing rule.

    Creates version 1 of a new name. Without `effective_from` it takes effect at once. `warnings` holds what the rule
    check finds.
    """
    return written(await create_rule(change, version.id, draft), version.warnings)


@put(
    "/{rule_id:uuid}",
    access=RULE_WRITERS,
    body=RuleDraft,
    body_example=DRAFT_EXAMPLE,
    example={**WRITTEN_EXAMPLE, "version": 2},
    message="Next version of the pricing rule created",
    location=PLACED,
    dependencies={"draft": _replacement, "version": _next},
    problems=(VersionConflict,),
)
async def replace_pricing_rule(
    change: WritingChange,
    rule_id: FromPath[UUID],
    draft: RuleDraft,
    version: _Next,
    precondition: Precondition,
) -> _Written:
    """Create the next version of a pricing rule.

    The id must be that of the newest version, so of two concurrent updates the second fails. Name and type cannot
    change. The new version has an id of its own; the version you update is kept as it is. What `GET` shows can
    be sent back: fields that cannot be written are passed over.
    """
    record = await replace_rule(change, rule_id, version.id, draft, precondition)
    return written(record, version.warnings)


@post(
    "/{rule_id:uuid}/rollback",
    access=RULE_WRITERS,
    example={**WRITTEN_EXAMPLE, "version": 3},
    message="Pricing rule rolled back",
    location=PLACED,
    dependencies={"version": _next_as_before},
    problems=(VersionConflict,),
)
async def roll_back_pricing_rule(change: CreatingChange, rule_id: FromPath[UUID], version: _Next) -> _Written:
    """Roll a pricing rule back to an earlier version.

    Creates the next version as an active copy of this one, including its period.
    """
    record = await roll_back_rule(change, rule_id, version.id, version.newest)
    return written(record, version.warnings)


@delete("/{rule_id:uuid}", access=RULE_WRITERS)
async def deactivate_pricing_rule(change: WritingChange, rule_id: FromPath[UUID], precondition: Precondition) -> None:
    """Deactivate a version of a pricing rule.

    The previous version takes effect again, if it is active.
    """
    await deactivate_rule(change, rule_id, precondition)


async def _required(connection: Connection, rule_id: UUID) -> RuleRecord:
    held = await rule_by_id(connection, rule_id)
    if held is None:
        raise NotFound("There is no such pricing rule")
    return held


async def _warnings(parts: Parts, change: Author, rule_id: UUID, version: int, draft: RuleDraft) -> list[Finding]:
    """What the check says of a version that is about to be written; nothing while no rulebook is loaded."""
    if parts[RulebookHolder].rulebook is None:
        return []
    rulebook = await newest_rulebook(parts[Database], parts[RulebookHolder])
    return await check_after_write(rulebook, change.at_us, rules=[(rule_id, version, draft)])
