"""A person decides which product of ours a listing is, or is not.

Source: docs/spec/competitors.md#matching.
"""

from uuid import UUID

from quote_service.intelligence.competitors.model.listings import ListingRecord, MatchDecision, MatchRejection
from quote_service.intelligence.competitors.tables.competitors import unknown_items
from quote_service.intelligence.competitors.tables.listings import Decided, decide_listing, hold_listing, read_listing
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.preconditions import Precondition

_ONE = ExactNumber("1")


async def confirm_match(
    change: Change, listing_id: UUID, wanted: MatchDecision, precondition: Precondition
) -> ListingRecord:
    """A listing is this product; what it was said to be or not to be before counts no more. Said again it changes nothing.

    Raises:
        NotFound: There is no such listing.
        Stale: It has been decided since the caller saw it.
        Invalid: There is no such product or variant.
    """
    if not 0 < wanted.units < 1_000_000:
        raise Invalid.because((Fault("/units", "must be more than 0 and less than 1000000"),))
    held, rejected = await hold_listing(change.connection, listing_id)
    precondition.require(str(listing_id), held.version)
    if await unknown_items(change.connection, [(wanted.product_id, wanted.variant_id)]):
        raise Invalid.at("/product_id", "there is no such product or variant")
    if (held.match_method, held.product_id, held.variant_id, held.units) == (
        "person",
        wanted.product_id,
        wanted.variant_id,
        wanted.units,
    ):
        return held
    item = wanted.variant_id or wanted.product_id
    decided = Decided(
        "matched",
        "person",
        wanted.product_id,
        wanted.variant_id,
        wanted.units,
        [],
        [each for each in rejected if each != item],
        False,
    )
    return await _write(change, held, decided, "listing.confirm")


async def reject_match(
    change: Change, listing_id: UUID, wanted: MatchRejection, precondition: Precondition
) -> ListingRecord:
    """A listing is not this product, and is looked for among the others; or it is none of ours, and is ignored.

    Raises:
        NotFound, Stale, Invalid: As above.
    """
    held, rejected = await hold_listing(change.connection, listing_id)
    precondition.require(str(listing_id), held.version)
    if wanted.product_id is None:
        decided = Decided("ignored", None, None, None, _ONE, [], rejected, False)
        return await _write(change, held, decided, "listing.ignore")
    if await unknown_items(change.connection, [(wanted.product_id, wanted.variant_id)]):
        raise Invalid.at("/product_id", "there is no such product or variant")
    item = wanted.variant_id or wanted.product_id
    left = [each for each in held.proposals if (each.variant_id or each.product_id) != item]
    is_matched = held.match_state == "matched" and (held.variant_id or held.product_id) != item
    decided = Decided(
        "matched" if is_matched else ("proposed" if left else "unmatched"),
        held.match_method if is_matched else None,
        held.product_id if is_matched else None,
        held.variant_id if is_matched else None,
        held.units if is_matched else _ONE,
        left,
        [*rejected, item] if item not in rejected else rejected,
        not left and not is_matched,
    )
    return await _write(change, held, decided, "listing.reject")


async def undo_match(change: Change, listing_id: UUID, precondition: Precondition) -> ListingRecord:
    """Nobody has decided anything of a listing: its product is looked for again.

    Raises:
        NotFound, Stale: As above.
    """
    held, _ = await hold_listing(change.connection, listing_id)
    precondition.require(str(listing_id), held.version)
    decided = Decided("unmatched", None, None, None, _ONE, [], [], True)
    return await _write(change, held, decided, "listing.undo")


async def _write(change: Change, held: ListingRecord, decided: Decided, action: str) -> ListingRecord:
    await decide_listing(change.connection, held.id, decided, change.actor, change.at)
    written = await read_listing(change.connection, held.id)
    await change.record(action, held, written)
    return written
