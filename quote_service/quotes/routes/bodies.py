"""What the routes after the quote are sent, and what they answer.

Source: docs/spec/quotes.md#accept-a-quote.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from quote_service.platform.documents.documents import FAULTS_MAX
from quote_service.platform.documents.exact_json import below, content_faults, parse_json
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.pricing.basket import Basket
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.explain.explanation import Explanation
from quote_service.pricing.quote_answer import CalculationDocument, QuoteDocument
from quote_service.pricing.rulebook.rule import RuleDraft

BASKETS_MAX = 100
RULES_MAX = 100
RATES_MAX = 1000


class QuoteAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a quote request; `processing_time_ms` from the body received to the answer ready."""

    success: Literal[True]
    """Always `true`."""
    message: str
    """What happened, for people."""
    data: QuoteDocument
    """The quote."""
    processing_time_ms: float
    """Milliseconds from the body received to the answer ready."""


class QuoteToVerify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quote's `data` as it was issued; it may also be sent bare, without this envelope."""

    data: QuoteDocument
    """The quote's `data` as it was issued."""


class QuoteToAccept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All optional: a quote that is still kept needs no body.

    `data` is the quote's data as issued, by itself enough when the service has lost the quote; it may also be sent bare.
    `customer_id` is then needed where a coupon was used, because the data does not tell whose quote it is.
    """

    data: QuoteDocument | None = None
    """The quote's `data` as it was issued; needed only when the service no longer has the quote."""
    customer_id: UUID | None = None
    """The customer of the quote; needed only together with `data` where a coupon was used."""


class AcceptedDocument(QuoteDocument, frozen=True, kw_only=True):
    """The quote as issued, when it was accepted, and the receipt: a compact JWS signed with Ed25519."""

    accepted_at: str
    """When the quote was accepted."""
    receipt: str
    """Receipt as a compact JWS signed with Ed25519; `/.well-known/jwks.json` has the public keys."""


class Baskets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to a hundred quote requests."""

    baskets: Annotated[list[Basket], msgspec.Meta(min_length=1, max_length=BASKETS_MAX)]
    """The quote requests, answered in this order."""


class ProblemDocument(msgspec.Struct, frozen=True):
    """Why a basket was refused; as the problem that a single request would have been answered with."""

    type: str
    """URI of the kind of problem; it leads to a page about it."""
    title: str
    """What kind of problem it is, for people."""
    status: int
    """The HTTP status code that a single request would have got."""
    detail: str
    """What is wrong with this basket."""
    instance: str
    """Path of the request."""
    errors: list[dict[str, str]] | msgspec.UnsetType = msgspec.UNSET
    """The fields at fault, each with `pointer` and `detail`; left out if there are none."""


class BatchEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one basket: a quote (status 200) or a problem."""

    status: int
    """The HTTP status code that a single request would have got; 200 for a quote."""
    data: QuoteDocument | msgspec.UnsetType = msgspec.UNSET
    """The quote; left out if the basket was refused."""
    problem: ProblemDocument | msgspec.UnsetType = msgspec.UNSET
    """Why the basket was refused; left out if it was quoted."""


class SimulationRequest(Basket, kw_only=True):
    """A quote request with assumptions. `customer_tier` is an assumption too: the quote `now` is priced without it. `draft_rules` count as the next versions of their
    names.
    """

    at: Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})] | None = None
    """The instant to price for, RFC 3339 with an offset; null for now."""
    known_at: Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})] | None = None
    """Price by what was known at this instant, RFC 3339 with an offset and not in the future: later changes of rules, rates,
    flags, prices and stock are undone. Null for what is known now.
    """
    draft_rules: Annotated[list[RuleDraft], msgspec.Meta(max_length=RULES_MAX)] | None = None
    """Pricing rules to assume; each counts as the next version of its name."""
    draft_rates: Annotated[list[RateDraft], msgspec.Meta(max_length=RATES_MAX)] | None = None
    """Commission rates to assume."""
    flag_overrides: dict[str, Any] | None = None
    """Values of feature flags to assume, by key."""


class Simulation(msgspec.Struct, frozen=True):
    """Two quotes without id and signature, each with the instant `at` that it is for, and by how much amounts differ."""

    now: dict[str, Any]
    """The quote as it would be issued now, without id and signature."""
    simulated: dict[str, Any]
    """The quote with the assumptions, without id and signature."""
    difference: dict[str, ExactNumber]
    """Simulated amounts less the current amounts, by field, in the quote's currency."""


class ExplainedDocument(Explanation, frozen=True, kw_only=True):
    """An explained quote."""

    calculations: list[CalculationDocument]
    """The steps of the calculation."""


def parse_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object, exactly.

    Raises:
        Malformed: It is no JSON document.
        Invalid: It is no object, or holds what cannot be kept.
    """
    document = parse_json(body)
    if not isinstance(document, dict):
        raise Invalid.at("", "must be an object")
    faults = tuple(content_faults(document))
    if faults:
        raise Invalid.because(faults[:FAULTS_MAX])
    return document


def refuse_others(document: dict[str, Any], *names: str) -> None:
    """Refuse members that are not among these.

    Raises:
        Invalid: With each of them.
    """
    faults = tuple(Fault(below("", name), "is not a known field") for name in document if name not in names)
    if faults:
        raise Invalid.because(faults[:FAULTS_MAX])
