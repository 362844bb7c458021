"""Another service asks what a flag says to a customer; the answer comes from memory.

Source: docs/spec/feature-flags.md#evaluation.
"""

import msgspec

from quote_service.platform.system.errors import Invalid, NotFound
from quote_service.pricing.customers.customer_snapshot import CustomerSnapshot
from quote_service.pricing.flags.compiled_flag import CompiledFlag
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.flags.flag_evaluation import Evaluation, EvaluationRequest, evaluation_faults
from quote_service.pricing.regions import GLOBAL, address_regions, regions_around
from quote_service.pricing.rulebook.rulebook import Rulebook


def evaluate_flag(rulebook: Rulebook, key: str, asked: EvaluationRequest, at_us: int) -> Evaluation:
    """What a flag says at an instant. What is not said of a customer is known from the record, as in a quote.

    Raises:
        Invalid: The request cannot be accepted.
        NotFound: No flag has this key, or it is archived.
    """
    faults = tuple(evaluation_faults(asked))
    if faults:
        raise Invalid.because(faults)
    flag = rulebook.period_at(at_us).flags.get(key)
    if flag is None:
        raise NotFound("There is no feature flag with this key")
    subject = _subject(asked, rulebook.customers)
    decision = flag.evaluate(subject)
    return Evaluation(
        key=key,
        value=None if decision.value is None else msgspec.Raw(decision.value.encode()),
        variant=decision.variant,
        reason=decision.reason,
        version=flag.version,
        bucket=flag.bucket_of(subject),
        error_code="TARGETING_KEY_MISSING" if decision.lacks_unit else None,
        error_details=_needs(flag) if decision.lacks_unit else None,
    )


def _needs(flag: CompiledFlag) -> str:
    return f"The flag needs the {'customer_id' if flag.stickiness is None else f'attribute {flag.stickiness}'}"


def _subject(asked: EvaluationRequest, customers: CustomerSnapshot) -> Subject:
    customer_id = None if asked.customer_id is None else str(asked.customer_id)
    tier = asked.customer_tier
    segments = asked.segments if asked.customer_segments is None else asked.customer_segments
    if customer_id is not None and (tier is None or segments is None):
        recorded_tier, recorded_segments = customers.find(customer_id) or (None, ())
        tier = recorded_tier if tier is None else tier
        segments = list(recorded_segments) if segments is None else segments
    return Subject(
        customer_id,
        tier,
        segments or [],
        _regions(asked),
        asked.ab_test_group,
        {name: str(value) for name, value in (asked.attributes or {}).items()},
    )


def _regions(asked: EvaluationRequest) -> dict[str, int]:
    address = asked.delivery_address
    if address is not None:
        return address_regions(address.country, address.city, address.district)
    return {GLOBAL: 0} if asked.region is None else regions_around(asked.region)
