"""Units of products that were sold: for the subjects above.

Source: docs/spec/analytics.md#rollups.
"""

from quote_service.steering.analytics.tables.units_sold import units_sold

__all__ = ["units_sold"]
