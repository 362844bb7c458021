"""What tests of reports share."""

from tests.catalog.conftest import shopper  # noqa: F401 (fixtures)
