"""How fetches of sources end, and what somebody can do about it.

Source: docs/spec/competitors.md#outcomes.
"""

from typing import Final

OUTCOME_ADVICE: Final = {
    "blocked": "The server refuses to be asked. Ask less often, or ask the competitor for a feed.",
    "no_price": "No price was found. A selector may say where it stands; a currency may be missing.",
    "several_prices": "Several prices were found. Say which SKU or GTIN is meant, or that the lowest counts.",
    "parse_error": "It is not what it should be. Open its address and look whether the page has changed.",
    "gone": "It is no longer there. Give it another address, or turn it off.",
    "robots_denied": "The site's robots.txt does not allow it. Ask the competitor for a feed.",
    "timeout": "No answer came in time. It is tried again, less and less often.",
    "unreachable": "The server cannot be reached, or has trouble. It is tried again, less and less often.",
}
