"""A customer: what is written, what is shown, and what the audit log keeps of it.

Source: docs/spec/customers.md#customers.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.identity.model.people import Email, email_of, is_email
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.system.errors import Fault, NotFound
from quote_service.pricing.basket import SEGMENTS_MAX

ExternalRef = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Tier = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]
Segment = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]


class CustomerErased(NotFound):
    code = "customer-erased"
    title = "Customer erased"


class ErasedIdTaken(CustomerErased):
    """An erased customer who was to be created again: the same problem, but a clash and not a missing thing."""

    kind = "conflict"


class CustomerDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A customer as it is written."""

    external_ref: ExternalRef | None = None
    """What another system calls the customer; unique where it is given."""
    email: Email | None = None
    """E-mail address of the customer; unique where it is given, and compared without regard to case."""
    tier: Tier | None = None
    """The customer's tier, for rules and feature flags; null for none."""
    segments: Annotated[list[Segment], msgspec.Meta(max_length=SEGMENTS_MAX)] = []
    """Segments the customer is in, for rules and feature flags. Their order and repeats do not matter."""
    is_active: bool = True
    """Whether tier and segments count in quotes."""


class NewCustomer(CustomerDraft, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A customer to create."""

    id: UUID | None = None
    """The id by which you know the customer, such as the one in your quotes, or the id of a shopper's login. Made if left out.
    """


class CustomerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as it is kept."""

    id: UUID
    """Identifies the customer; the `customer_id` of quotes and purchases."""
    external_ref: str | None
    """What another system calls the customer."""
    email: str | None
    """E-mail address of the customer, in lower case."""
    tier: str | None
    """The customer's tier; null for none."""
    segments: list[str]
    """Segments the customer is in, in alphabetical order."""
    is_active: bool
    """Whether tier and segments count in quotes."""
    version: int
    """Version of the customer, from 1; it goes up with every change, and `ETag` follows it."""
    created_by: str
    """Id of who created the customer."""
    created_at: datetime
    """When the customer was created."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of who made this version."""
    updated_at: datetime
    """When this version was made."""


def customer_faults(draft: CustomerDraft) -> Iterator[Fault]:
    """What is wrong with a well-formed draft."""
    if draft.email is not None and not is_email(email_of(draft.email)):
        yield Fault("/email", "is not an e-mail address")


def in_one_spelling(draft: CustomerDraft) -> CustomerDraft:
    """The draft as it is kept: the address in lower case, each segment once and in order."""
    return CustomerDraft(
        external_ref=draft.external_ref,
        email=None if draft.email is None else email_of(draft.email),
        tier=draft.tier,
        segments=sorted(set(draft.segments)),
        is_active=draft.is_active,
    )


def audited(record: CustomerRecord, before: CustomerRecord | None) -> CustomerRecord:
    """A record as the audit log keeps it, without what identifies a person.

    The log can never be changed, and whoever is erased must not be left in it: of an address or reference it says only that
    there was one (`given`), or that it has become another (`changed`).

    Args:
        record: The record.
        before: What it was before the change, of the record after it.
    """

    def marker(name: str) -> str | None:
        value = getattr(record, name)
        if value is None:
            return None
        was = None if before is None else getattr(before, name)
        return "given" if was in (None, value) else "changed"

    return msgspec.structs.replace(record, external_ref=marker("external_ref"), email=marker("email"))
