"""Why a campaign cannot be changed.

Source: docs/spec/campaigns.md.
"""

from quote_service.platform.system.errors import Conflict


class CampaignStateForbids(Conflict):
    code = "campaign-state"
    title = "Campaign state does not allow this"
