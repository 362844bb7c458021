"""The algorithms by the name that flags store.

Source: docs/spec/feature-flags.md#bucketing.
"""

from collections.abc import Mapping

from quote_service.pricing.flags.bucketing.deal import Bucketing
from quote_service.pricing.flags.bucketing.growthbook import GROWTHBOOK_V1, GROWTHBOOK_V2
from quote_service.pricing.flags.bucketing.mm3_v1 import MM3_V1
from quote_service.pricing.flags.bucketing.unleash import UNLEASH
from quote_service.pricing.flags.flag import Algorithm

BUCKETINGS: Mapping[Algorithm, Bucketing] = {
    "mm3-v1": MM3_V1,
    "unleash": UNLEASH,
    "growthbook-v1": GROWTHBOOK_V1,
    "growthbook-v2": GROWTHBOOK_V2,
}
