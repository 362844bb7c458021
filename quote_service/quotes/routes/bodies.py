"""What the routes after the quote are sent, and what they answer.

Source: spec 2, After the quote.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec

from quote_service.api.wire.documents import FAULTS_MAX
from quote_service.api.wire.exact_json import below, content_faults, parse_json
from quote_service.api.wire.quote_document import CalculationDocument, QuoteDocument
from quote_service.domain.basket import Basket
from quote_service.domain.errors import Fault, Invalid
from quote_service.domain.explanation import Explanation
from quote_service.domain.numbers import ExactNumber
from quote_service.domain.rates import RateDraft
from quote_service.domain.rules.rule import RuleDraft

BASKETS_MAX = 100
RULES_MAX = 100
RATES_MAX = 1000
JSON = "application/json"


class QuoteToVerify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quote's `data` as it was issued; it may also be sent bare, without this envelope."""

    data: QuoteDocument


class QuoteToAccept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All optional: a quote that is still kept needs no body.

    `data` is the quote's data as issued, by itself enough when the service has lost the quote; it may also be sent bare.
    `customer_id` is then needed where a coupon was used, because the data does not tell whose quote it is.
    """

    data: QuoteDocument | None = None
    customer_id: UUID | None = None


class AcceptedDocument(QuoteDocument, frozen=True, kw_only=True):
    """The quote as issued, when it was accepted, and the receipt: a compact JWS signed with Ed25519."""

    accepted_at: str
    receipt: str


class Baskets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to a hundred quote requests."""

    baskets: Annotated[list[Basket], msgspec.Meta(min_length=1, max_length=BASKETS_MAX)]


class ProblemDocument(msgspec.Struct, frozen=True):
    """Why a basket was refused; as the problem that a single request would have been answered with."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] | msgspec.UnsetType = msgspec.UNSET


class BatchEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one basket: a quote (status 200) or a problem."""

    status: int
    data: QuoteDocument | msgspec.UnsetType = msgspec.UNSET
    problem: ProblemDocument | msgspec.UnsetType = msgspec.UNSET


class SimulationRequest(Basket, kw_only=True):
    """A quote request, and what is supposed.

    `customer_tier` is supposed: the quote of now is the one without it. `draft_rules` count as the next versions of their
    names.
    """

    at: Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})] | None = None
    draft_rules: Annotated[list[RuleDraft], msgspec.Meta(max_length=RULES_MAX)] | None = None
    draft_rates: Annotated[list[RateDraft], msgspec.Meta(max_length=RATES_MAX)] | None = None
    flag_overrides: dict[str, Any] | None = None


class Simulation(msgspec.Struct, frozen=True):
    """Two quotes without id and signature, each with the instant `at` that it is for, and by how much amounts differ."""

    now: dict[str, Any]
    simulated: dict[str, Any]
    difference: dict[str, ExactNumber]


class ExplainedDocument(Explanation, frozen=True, kw_only=True):
    """An explained quote."""

    calculations: list[CalculationDocument]


def parse_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object, exactly.

    Raises:
        Malformed: It is no JSON document.
        Invalid: It is no object, or holds what cannot be kept.
    """
    document = parse_json(body)
    if not isinstance(document, dict):
        raise Invalid.at("", "an object is wanted")
    faults = tuple(content_faults(document))
    if faults:
        raise Invalid.because(faults[:FAULTS_MAX])
    return document


def refuse_others(document: dict[str, Any], *names: str) -> None:
    """Refuse members that are not among these.

    Raises:
        Invalid: With each of them.
    """
    faults = tuple(Fault(below("", name), "is not known here") for name in document if name not in names)
    if faults:
        raise Invalid.because(faults[:FAULTS_MAX])
