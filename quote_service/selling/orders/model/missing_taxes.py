"""Tax on commission of quotes that do not tell it: those in the first form, which processes of the release before accept.

They tell the rules that acted, whose versions never change, and each seller's payout, out of which a tax that is not contained in
the commission was taken.

Source: docs/spec/quotes.md#forms; docs/spec/pricing-rules.md#commission_tax.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from quote_service.platform.money.amounts import tax_on
from quote_service.rulebook.pricing_rules.model.commission_tax_versions import CommissionTaxVersion
from quote_service.selling.orders.model.order import CommissionTax


def missing_taxes(
    charged: Mapping[UUID, tuple[int, int]], versions: Sequence[CommissionTaxVersion]
) -> dict[UUID, CommissionTax]:
    """The tax of each seller.

    Args:
        charged: Of sellers the commission, and what else was taken out of the payout.
        versions: The rules that acted.

    Raises:
        ValueError: Of some seller it cannot be said which tax was charged.
    """
    taxes: dict[UUID, CommissionTax] = {}
    of_commission = {seller_id: amounts for seller_id, amounts in charged.items() if amounts[0]}
    is_of_all = len(of_commission) == 1 or (len(versions) == 1 and versions[0].is_of_all)
    for seller_id, (commission_minor, taken_minor) in of_commission.items():
        found = [
            CommissionTax(version.id, version.rate_micro, version.is_inclusive, amount_minor)
            for version in versions
            if (amount_minor := tax_on(commission_minor, version.rate_micro, version.is_inclusive)) == taken_minor
            or (version.is_inclusive and not taken_minor)
        ]
        if taken_minor or is_of_all:
            if not found:
                raise ValueError("tax on commission that no rule charges")
            taxes[seller_id] = found[0]
        elif any(tax.amount_minor for tax in found):
            raise ValueError("tax on commission that may be contained in it")
    return taxes
