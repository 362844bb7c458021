"""Campaigns of the session's service, and the catalog that they move prices of."""

from tests.catalog.conftest import shop, shopper  # noqa: F401 (fixtures)
