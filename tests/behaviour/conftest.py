"""A shopper of the session's service."""

from tests.catalog.conftest import shopper  # noqa: F401 (fixtures)
