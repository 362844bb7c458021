"""Admins make pricing rules, write their next versions, go back to old ones and take versions out of force.

Source: docs/spec/pricing-rules.md#versions.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, post, put
from litestar.params import FromPath

from quote_service.platform.callers.access import RULE_WRITERS
from quote_service.platform.documents.documents import envelope
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.documents.shown_members import written_members
from quote_service.platform.http.answers import JSON
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import NameTaken, NotFound, VersionConflict
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.parts import Parts
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
    headers_of,
    written,
)
from quote_service.rulebook.pricing_rules.tables.pricing_rules import newest_version, rule_by_id
from quote_service.rulebook.snapshot.operations.check_rulebook import check_after_write, newest_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder


@post(
    "/",
    opt={
        "access": RULE_WRITERS,
        "described": Described(
            body=RuleDraft,
            body_example=DRAFT_EXAMPLE,
            answer=RuleWritten,
            answer_example=WRITTEN_EXAMPLE,
            message="Pricing rule created",
            repeatable=True,
            problems=(NameTaken,),
            headers=PLACED,
        ),
    },
)
async def add_pricing_rule(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a pricing rule.

    Creates version 1 of a new name. Without `effective_from` it takes effect at once. `warnings` holds what the rule
    check finds.
    """
    change = change_of(request)
    draft = _read_draft(request, parse_json(await request.body()), change)
    rule_id = UUID(new_id())
    # Before the transaction, which holds up every other writer of the rulebook until it ends.
    warnings = await _warnings(parts_of(request), change, rule_id, 1, draft)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await create_rule(creation.connection, change, rule_id, draft)
        return creation.answer(201, envelope(written(record, warnings), "Pricing rule created"), headers_of(record))


@put(
    "/{rule_id:uuid}",
    opt={
        "access": RULE_WRITERS,
        "described": Described(
            body=RuleDraft,
            body_example=DRAFT_EXAMPLE,
            answer=RuleWritten,
            answer_example={**WRITTEN_EXAMPLE, "version": 2},
            message="Next version of the pricing rule created",
            conditional=True,
            problems=(VersionConflict,),
            headers=PLACED,
        ),
    },
)
async def replace_pricing_rule(request: Request[Any, Any, Any], rule_id: FromPath[UUID]) -> Response[bytes]:
    """Create the next version of a pricing rule.

    The id must be that of the newest version, so of two concurrent updates the second fails. Name and type cannot
    change. The new version has an id of its own; the version you update is kept as it is. What `GET` shows can
    be sent back: fields that cannot be written are passed over.
    """
    change = change_of(request)
    draft = _read_draft(request, written_members(await request.body(), RuleDraft, RuleWritten, rule_id), change)
    precondition = precondition_of(request)
    parts = parts_of(request)
    async with parts[Database].read() as connection:
        held = await _required(connection, rule_id)
    next_id = UUID(new_id())
    warnings = await _warnings(parts, change, next_id, held.version + 1, draft)
    async with parts[Database].transaction() as connection:
        record = await replace_rule(connection, change, rule_id, next_id, draft, precondition)
    body = envelope(written(record, warnings), "Next version of the pricing rule created")
    return Response(body, status_code=200, media_type=JSON, headers=headers_of(record))


@post(
    "/{rule_id:uuid}/rollback",
    opt={
        "access": RULE_WRITERS,
        "described": Described(
            answer=RuleWritten,
            answer_example={**WRITTEN_EXAMPLE, "version": 3},
            message="Pricing rule rolled back",
            repeatable=True,
            problems=(VersionConflict,),
            headers=PLACED,
        ),
    },
)
async def roll_back_pricing_rule(request: Request[Any, Any, Any], rule_id: FromPath[UUID]) -> Response[bytes]:
    """Roll a pricing rule back to an earlier version.

    Creates the next version as an active copy of this one, including its period.
    """
    change = change_of(request)
    parts = parts_of(request)
    async with parts[Database].read() as connection:
        held = await _required(connection, rule_id)
        newest = await newest_version(connection, held.name)
    assert newest is not None  # held is one
    next_id = UUID(new_id())
    warnings = await _warnings(parts, change, next_id, newest + 1, rolled_back(held))
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await roll_back_rule(creation.connection, change, rule_id, next_id, newest)
        return creation.answer(201, envelope(written(record, warnings), "Pricing rule rolled back"), headers_of(record))


@delete(
    "/{rule_id:uuid}",
    status_code=204,
    opt={"access": RULE_WRITERS, "described": Described(form="nothing", conditional=True)},
)
async def deactivate_pricing_rule(request: Request[Any, Any, Any], rule_id: FromPath[UUID]) -> Response[None]:
    """Deactivate a version of a pricing rule.

    The previous version takes effect again, if it is active.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await deactivate_rule(connection, change_of(request), rule_id, precondition_of(request))
    return Response(None, status_code=204)


def _read_draft(request: Request[Any, Any, Any], document: Any, change: Change) -> RuleDraft:
    default_currency = parts_of(request)[Settings].default_currency or None
    return read_rule(document, from_micros(change.at_us), default_currency)


async def _required(connection: Connection, rule_id: UUID) -> RuleRecord:
    held = await rule_by_id(connection, rule_id)
    if held is None:
        raise NotFound("There is no such pricing rule")
    return held


async def _warnings(parts: Parts, change: Change, rule_id: UUID, version: int, draft: RuleDraft) -> list[Finding]:
    """What the check says of a version that is about to be written; nothing while no rulebook is loaded."""
    if parts[RulebookHolder].rulebook is None:
        return []
    rulebook = await newest_rulebook(parts[Database], parts[RulebookHolder])
    return await check_after_write(rulebook, change.at_us, rules=[(rule_id, version, draft)])
