"""Record a payout to a seller.

Source: docs/spec/ledger.md#payouts.
"""

from uuid import UUID

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.money.quantities import quantity_faults
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.new_ids import new_id
from quote_service.selling.ledger.model.payouts import InsufficientBalance, PayoutDraft, PayoutRecord
from quote_service.selling.ledger.model.records import shown_amount
from quote_service.selling.ledger.model.transactions import UNKNOWN_SELLER, Account, Transaction, credit, debit
from quote_service.selling.ledger.operations.post_transaction import post_transaction
from quote_service.selling.ledger.tables.transactions import post_now, read_transaction


def payout_amount(draft: PayoutDraft) -> int:
    """The amount of a payout in minor units.

    Raises:
        Invalid: There is no such currency, or no such amount in it.
    """
    exponent = EXPONENTS.get(draft.currency)
    if exponent is None:
        raise Invalid.at("/currency", "is not an ISO 4217 currency code")
    if faults := tuple(quantity_faults(draft, "", exponent)):
        raise Invalid.because(faults)
    if not draft.amount:
        raise Invalid.at("/amount", "must be more than 0")
    return scale_decimal(draft.amount, exponent)


async def pay_out(change: Change, seller_id: UUID, draft: PayoutDraft) -> PayoutRecord:
    """Record a payout; of several at once, each sees what those before it have left.

    Args:
        change: Its author.
        seller_id: Who is paid.
        draft: What is paid.

    Raises:
        Invalid: As `payout_amount`; or it is nobody's account (`UNKNOWN_SELLER`).
        InsufficientBalance: The seller's balance is less than that.
    """
    if seller_id == UNKNOWN_SELLER:
        raise Invalid.at("", "is for a seller who is not known yet; post an adjustment to the seller's account first")
    amount_minor = payout_amount(draft)
    balance, paid = Account("seller", seller_id, draft.currency), Account("payouts", seller_id, draft.currency)
    transaction = Transaction(
        "payout",
        UUID(new_id(change.at_us // 1000)),
        (debit(balance, amount_minor), credit(paid, amount_minor)),
        reference=draft.reference,
        note=draft.note,
    )
    posted = await post_transaction(change, transaction)
    exponent = EXPONENTS[draft.currency]
    try:
        await post_now(change.connection)
    except InsufficientBalance as refusal:
        left = refusal.balance_minor
        raise InsufficientBalance(
            balance_minor=left, balance=shown_amount(left, exponent), currency=draft.currency
        ) from refusal
    stored = await read_transaction(change.connection, posted.id)
    record = PayoutRecord(
        id=stored.id,
        seller_id=seller_id,
        amount=shown_amount(amount_minor, exponent),
        currency=draft.currency,
        balance=stored.entries[0].balance,
        reference=draft.reference,
        note=draft.note,
        actor=change.actor,
        posted_at=stored.posted_at,
    )
    await change.record("payout.create", None, record)
    return record
