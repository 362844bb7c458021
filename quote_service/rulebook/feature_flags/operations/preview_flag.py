"""Say whom a flag would be for if it were otherwise; the answer comes from memory, and nothing is changed.

Source: docs/spec/feature-flags.md#preview.
"""

from uuid import UUID

from quote_service.platform.system.errors import Fault, Invalid, NotFound
from quote_service.pricing.customers.customer_snapshot import CustomerSnapshot
from quote_service.pricing.flags.compiled_flag import compile_flag
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.flags.flag import flag_faults
from quote_service.pricing.regions import GLOBAL, RegionUnreadable, regions_around
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.rulebook.feature_flags.model.errors import FlagArchived
from quote_service.rulebook.feature_flags.model.flag_preview import (
    FlagPreview,
    FlagPreviewRequest,
    PreviewCustomer,
    PreviewedCustomer,
)


def preview_flag(rulebook: Rulebook, flag_id: UUID, asked: FlagPreviewRequest, at_us: int) -> FlagPreview:
    """What a flag says to customers at an instant, as it is and as it would be.

    Raises:
        NotFound: There is no such flag.
        FlagArchived: It does not change any more.
        Invalid: The flag could not become that, or a region cannot be read.
    """
    held = rulebook.flags.get(str(flag_id))
    if held is None:
        raise NotFound("There is no such feature flag")
    if held.is_archived:
        raise FlagArchived("The flag is archived")
    faults = [Fault(f"/flag{fault.pointer}", fault.detail) for fault in flag_faults(asked.flag)]
    faults += [
        Fault(f"/flag/{name}", "is fixed for the life of a flag")
        for name in ("key", "salt", "algorithm")
        if getattr(asked.flag, name) != getattr(held.draft, name)
    ]
    subjects, seen = list[tuple[PreviewCustomer, Subject]](), set[UUID]()
    for index, customer in enumerate(asked.customers):
        if customer.customer_id in seen:
            continue
        seen.add(customer.customer_id)
        try:
            subjects.append((customer, _subject(customer, rulebook.customers)))
        except RegionUnreadable as unreadable:
            faults.append(Fault(f"/customers/{index}/region", str(unreadable)))
    if faults:
        raise Invalid.because(tuple(faults))
    now = compile_flag(held.draft, held.version, at_us, held.state)
    # A flag that was rolled back stays off whatever is written of it.
    then = compile_flag(asked.flag, held.version, at_us, held.state)
    answers = []
    for customer, subject in subjects:
        decision = then.evaluate(subject)
        answers.append(
            PreviewedCustomer(
                customer_id=customer.customer_id,
                is_inside=now.evaluate(subject).is_on,
                would_be_inside=decision.is_on,
                variant=decision.variant,
                reason=decision.reason,
            )
        )
    return FlagPreview(
        customers=len(answers),
        inside=sum(answer.is_inside for answer in answers),
        would_be_inside=sum(answer.would_be_inside for answer in answers),
        joining=sum(answer.would_be_inside and not answer.is_inside for answer in answers),
        leaving=sum(answer.is_inside and not answer.would_be_inside for answer in answers),
        answers=answers,
    )


def _subject(customer: PreviewCustomer, records: CustomerSnapshot) -> Subject:
    tier, segments = records.find(str(customer.customer_id)) or (None, ())
    regions = {GLOBAL: 0} if customer.region is None else regions_around(customer.region)
    return Subject(str(customer.customer_id), tier, list(segments), regions)
