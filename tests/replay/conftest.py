"""A market in the session's service, whose quotes are replayed."""

from __future__ import annotations

from tests.orders.conftest import market  # noqa: F401 (fixtures)
