"""Admins make pricing rules, write their next versions, go back to old ones and take versions out of force.

Source: spec 4, Versions.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, post, put
from litestar.params import FromPath

from quote_service.api.access import change_of
from quote_service.api.described import Described
from quote_service.api.etags import precondition_of
from quote_service.api.idempotency import creating
from quote_service.api.pricing_rules.answers import (
    DRAFT_EXAMPLE,
    JSON,
    PLACED,
    WRITTEN_EXAMPLE,
    RuleWritten,
    headers_of,
    written,
)
from quote_service.api.pricing_rules.read_rule import read_rule
from quote_service.api.runtime import Runtime, runtime_of
from quote_service.api.wire.documents import envelope
from quote_service.api.wire.exact_json import parse_json
from quote_service.domain.access import PRICING
from quote_service.domain.changes import Change
from quote_service.domain.errors import NameTaken, NotFound, VersionConflict
from quote_service.domain.instants import from_micros
from quote_service.domain.rule_records import RuleRecord
from quote_service.domain.rules.rule import RuleDraft
from quote_service.engine.checks.finding import Finding
from quote_service.flows.check_rulebook import check_after_write, newest_rulebook
from quote_service.flows.create_rule import create_rule
from quote_service.flows.deactivate_rule import deactivate_rule
from quote_service.flows.replace_rule import replace_rule
from quote_service.flows.roll_back_rule import roll_back_rule, rolled_back
from quote_service.postgres.pool import Connection
from quote_service.postgres.pricing_rules import newest_version, rule_by_id
from quote_service.system.new_ids import new_id


@post(
    "/",
    opt={
        "access": PRICING,
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
    """Make a pricing rule: version 1 of a new name.

    Without `effective_from` it counts from now on. `warnings` are what the rule check finds about it.
    """
    change = change_of(request)
    draft = read_rule(parse_json(await request.body()), from_micros(change.at_us))
    rule_id = UUID(new_id())
    # Before the transaction, which holds up every other writer of the rulebook until it ends.
    warnings = await _warnings(runtime_of(request), change, rule_id, 1, draft)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await create_rule(creation.connection, change, rule_id, draft)
        return creation.answer(201, envelope(written(record, warnings), "Pricing rule created"), headers_of(record))


@put(
    "/{rule_id:uuid}",
    opt={
        "access": PRICING,
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
    """Write the next version of a pricing rule; the version of this id stays as it is.

    The id must be that of the newest version, so of two writers who started from one version the second is refused.
    Name and type cannot change. The answer is the new version, under an id of its own.
    """
    change = change_of(request)
    draft = read_rule(parse_json(await request.body()), from_micros(change.at_us))
    precondition = precondition_of(request)
    runtime = runtime_of(request)
    async with runtime.database.read() as connection:
        held = await _required(connection, rule_id)
    next_id = UUID(new_id())
    warnings = await _warnings(runtime, change, next_id, held.version + 1, draft)
    async with runtime.database.transaction() as connection:
        record = await replace_rule(connection, change, rule_id, next_id, draft, precondition)
    body = envelope(written(record, warnings), "Next version of the pricing rule created")
    return Response(body, status_code=200, media_type=JSON, headers=headers_of(record))


@post(
    "/{rule_id:uuid}/rollback",
    opt={
        "access": PRICING,
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
    """Make the next version of a pricing rule out of this one, active, with its period and all else as it was."""
    change = change_of(request)
    runtime = runtime_of(request)
    async with runtime.database.read() as connection:
        held = await _required(connection, rule_id)
        newest = await newest_version(connection, held.name)
    assert newest is not None  # held is one
    next_id = UUID(new_id())
    warnings = await _warnings(runtime, change, next_id, newest + 1, rolled_back(held))
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await roll_back_rule(creation.connection, change, rule_id, next_id, newest)
        return creation.answer(201, envelope(written(record, warnings), "Pricing rule rolled back"), headers_of(record))


@delete(
    "/{rule_id:uuid}",
    status_code=204,
    opt={"access": PRICING, "described": Described(form="nothing", conditional=True)},
)
async def deactivate_pricing_rule(request: Request[Any, Any, Any], rule_id: FromPath[UUID]) -> Response[None]:
    """Take a version of a pricing rule out of force; the version below it counts again, where one is in force."""
    async with runtime_of(request).database.transaction() as connection:
        await deactivate_rule(connection, change_of(request), rule_id, precondition_of(request))
    return Response(None, status_code=204)


async def _required(connection: Connection, rule_id: UUID) -> RuleRecord:
    held = await rule_by_id(connection, rule_id)
    if held is None:
        raise NotFound("There is no such pricing rule")
    return held


async def _warnings(runtime: Runtime, change: Change, rule_id: UUID, version: int, draft: RuleDraft) -> list[Finding]:
    """What the check says of a version that is about to be written; nothing while no rulebook is loaded."""
    if runtime.rulebook.rulebook is None:
        return []
    rulebook = await newest_rulebook(runtime.database, runtime.rulebook)
    return await check_after_write(rulebook, change.at_us, rules=[(rule_id, version, draft)])
