"""The inventory of the session's service, and the catalog that it is of."""

from tests.catalog.conftest import shop, shopper  # noqa: F401 (fixtures)
