"""What the API's description shows of OFREP."""

from typing import Any

import msgspec

QUESTION: dict[str, Any] = {
    "context": {
        "targetingKey": "0199a1b2-c3d4-7e5f-8a9b-00000000c001",
        "tier": "gold",
        "segments": ["returning"],
        "country": "TR",
        "city": "Istanbul",
    }
}
EVALUATION: dict[str, Any] = {
    "key": "express_delivery_multiplier",
    "value": msgspec.Raw(b"2.0"),
    "reason": "SPLIT",
    "variant": "value",
    "metadata": {"version": 1},
}
FAILURE: dict[str, Any] = {
    "key": "express_delivery_multiplier",
    "errorCode": "TARGETING_KEY_MISSING",
    "errorDetails": "The flag needs the targetingKey in the context",
}
FLAGS: dict[str, Any] = {
    "flags": [EVALUATION],
    "eventStreams": [
        {
            "type": "sse",
            "endpoint": {"requestUri": "/ofrep/v1/events?since=9c1185a5c5e9fc5461208089"},
            "inactivityDelaySec": 120,
        }
    ],
}
