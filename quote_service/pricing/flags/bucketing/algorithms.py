"""The algorithms by the name that flags store.

Source: spec 6, Bucketing.
"""

from collections.abc import Mapping

from quote_service.domain.flags import Algorithm
from quote_service.engine.flags.bucketing.deal import Bucketing
from quote_service.engine.flags.bucketing.growthbook_v2 import GROWTHBOOK_V2
from quote_service.engine.flags.bucketing.mm3_v1 import MM3_V1
from quote_service.engine.flags.bucketing.unleash import UNLEASH

BUCKETINGS: Mapping[Algorithm, Bucketing] = {"mm3-v1": MM3_V1, "unleash": UNLEASH, "growthbook-v2": GROWTHBOOK_V2}
