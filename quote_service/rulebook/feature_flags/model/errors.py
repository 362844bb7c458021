"""Why a feature flag cannot be changed.

Source: docs/spec/feature-flags.md.
"""

from quote_service.platform.system.errors import Conflict


class FlagArchived(Conflict):
    code = "flag-archived"
    title = "Flag archived"
