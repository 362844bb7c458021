"""Every type of event that webhooks tell, with what has happened: the one list that writers, the API and the docs share.

Source: docs/spec/webhooks.md#events.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

EventType = Literal[
    "quote.accepted",
    "order.placed",
    "order.fulfilled",
    "order.cancelled",
    "refund.created",
    "payout.created",
    "rate.created",
    "rate.updated",
    "rate.ended",
    "rule.created",
    "rule.updated",
    "rule.deactivated",
    "rule.rolled_back",
    "flag.created",
    "flag.updated",
    "flag.archived",
    "flag.killed",
    "flag.rolled_back",
    "flag.rearmed",
    "sale.created",
    "sale.updated",
    "sale.started",
    "sale.sold_out",
    "sale.ended",
    "sale.cancelled",
    "campaign.created",
    "campaign.updated",
    "campaign.started",
    "campaign.ended",
    "campaign.cancelled",
    "price.changed",
    "signal.raised",
    "signal.acknowledged",
    "signal.resolved",
    "change_set.published",
    "change_set.failed",
    "change_set.rolled_back",
    "decision.held",
    "decision.suggested",
    "decision.applied",
    "decision.rejected",
    "decision.rolled_back",
    "webhook.disabled",
    "webhook.test",
]

EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)

#: What has happened, and what `data` is.
EVENT_MEANINGS: Mapping[EventType, str] = MappingProxyType(
    {
        "quote.accepted": "a checkout has committed to a quote; the quote, `accepted_at` and `receipt`",
        "order.placed": "an order has been placed; the order",
        "order.fulfilled": "an order has been fulfilled; the order",
        "order.cancelled": "an order has been cancelled; the order",
        "refund.created": "an order has been refunded, in part or whole; the refund",
        "payout.created": "a payout to a seller has been recorded; the payout",
        "rate.created": "a commission rate has been created; the rate",
        "rate.updated": "a commission rate has been replaced; the rate",
        "rate.ended": "a commission rate has been ended; the rate",
        "rule.created": "a pricing rule has been created; the rule",
        "rule.updated": "a pricing rule has a new version; the rule",
        "rule.deactivated": "a pricing rule has been switched off; the rule",
        "rule.rolled_back": "a pricing rule is as an earlier version was; the rule",
        "flag.created": "a feature flag has been created; the flag",
        "flag.updated": "a feature flag has been replaced; the flag",
        "flag.archived": "a feature flag has been archived; the flag",
        "flag.killed": "a feature flag has been switched off at once; the flag",
        "flag.rolled_back": "a feature flag has been taken back, by a guardrail or by hand; the flag",
        "flag.rearmed": "a person has armed a feature flag again that was taken back; the flag",
        "sale.created": "a flash sale has been announced; the sale",
        "sale.updated": "a flash sale has been changed; the sale",
        "sale.started": "a flash sale has begun; the sale",
        "sale.sold_out": "no unit of a product of a flash sale is left, all are sold or held; the item",
        "sale.ended": "a flash sale has ended; the sale",
        "sale.cancelled": "a flash sale has been called off; the sale",
        "campaign.created": "a campaign has been created; the campaign",
        "campaign.updated": "a campaign has been replaced; the campaign",
        "campaign.started": "a campaign has begun; the campaign",
        "campaign.ended": "a campaign has ended; the campaign",
        "campaign.cancelled": "a campaign has been cancelled; the campaign",
        "price.changed": "a person or a system has changed a price of the catalog; the change",
        "signal.raised": "something has happened that somebody should look at; the signal",
        "signal.acknowledged": "somebody has acknowledged a signal; the signal",
        "signal.resolved": "what a signal reports is over; the signal",
        "change_set.published": "a change set has been published; the set without its changes",
        "change_set.failed": "a change set could not be published at its instant; the set without its changes",
        "change_set.rolled_back": "a change set has been rolled back; the set without its changes",
        "decision.held": "a price was not changed by itself because something is missing or doubtful; the decision",
        "decision.suggested": "a price waits for a person to accept it; the decision",
        "decision.applied": "a decision has set a price; the decision",
        "decision.rejected": "a person has rejected a decision; the decision",
        "decision.rolled_back": "what a decision had set has been taken back; the decision",
        "webhook.disabled": "an endpoint has been disabled because it failed; the endpoint",
        "webhook.test": "somebody has asked for a test call; it says so",
    }
)


#: The actions of the audit log that are told, where one function writes the rows of several.
EVENTS_OF_ACTIONS: Mapping[str, EventType] = MappingProxyType(
    {
        "rate.create": "rate.created",
        "rate.replace": "rate.updated",
        "rate.end": "rate.ended",
        "rule.create": "rule.created",
        "rule.replace": "rule.updated",
        "rule.deactivate": "rule.deactivated",
        "rule.rollback": "rule.rolled_back",
        "flag.create": "flag.created",
        "flag.replace": "flag.updated",
        "flag.archive": "flag.archived",
        "flag.kill": "flag.killed",
        "flag.roll_back": "flag.rolled_back",
        "flag.rearm": "flag.rearmed",
        "flash_sale.create": "sale.created",
        "flash_sale.replace": "sale.updated",
        "flash_sale.activate": "sale.started",
        "flash_sale.end": "sale.ended",
        "flash_sale.cancel": "sale.cancelled",
        "campaign.create": "campaign.created",
        "campaign.replace": "campaign.updated",
        "campaign.begin": "campaign.started",
        "campaign.end": "campaign.ended",
        "campaign.cancel": "campaign.cancelled",
        "campaign.fail": "campaign.cancelled",
        "price.change": "price.changed",
        "payout.create": "payout.created",
        "refund.create": "refund.created",
        "signal.acknowledge": "signal.acknowledged",
        "webhook.disable": "webhook.disabled",
        "change_set.publish": "change_set.published",
        "change_set.fail": "change_set.failed",
        "change_set.roll_back": "change_set.rolled_back",
    }
)


def patterns_of(event: EventType) -> list[str]:
    """What an endpoint may have asked for to get this event: the type, all of its subject, or everything."""
    return [event, f"{event.partition('.')[0]}.*", "*"]


#: Everything that an endpoint may ask for.
EVENT_PATTERNS: frozenset[str] = frozenset(pattern for event in EVENT_TYPES for pattern in patterns_of(event))
