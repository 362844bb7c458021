"""What the marketplace keeps of a line: `/api/v1/commission-rates`.

Source: docs/spec/commission.md#managing-rates.
"""

from litestar import Router

from quote_service.rulebook.commission_rates.routes.examples import EXAMPLES
from quote_service.rulebook.commission_rates.routes.exporting import export_commission_rates
from quote_service.rulebook.commission_rates.routes.importing import import_commission_rates
from quote_service.rulebook.commission_rates.routes.lists import list_commission_rate_versions, list_commission_rates
from quote_service.rulebook.commission_rates.routes.single import (
    create_commission_rate,
    end_commission_rate,
    replace_commission_rate,
    show_commission_rate,
)

commission_rates = Router(
    "/api/v1/commission-rates",
    route_handlers=[
        create_commission_rate,
        list_commission_rates,
        import_commission_rates,
        export_commission_rates,
        show_commission_rate,
        replace_commission_rate,
        end_commission_rate,
        list_commission_rate_versions,
    ],
    opt={"examples": EXAMPLES},
)

__all__ = ["commission_rates"]
