"""What tests of reports share."""

from tests.catalog.conftest import shopper  # noqa: F401 (fixtures)
from tests.orders.conftest import market  # noqa: F401 (fixtures)
