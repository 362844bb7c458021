"""Settings of a worker on a database of its own."""

from __future__ import annotations

from tests.access.conftest import settings as settings
