"""Puts the modules of this folder beside the product's own; pytest loads it before anything else (`-p`)."""

from pathlib import Path

from quote_service.pricing import rule_types
from quote_service.pricing.rule_types import discounts

ADDED = Path(__file__).parent

rule_types.__path__.append(str(ADDED / "rule_types"))
discounts.__path__.append(str(ADDED / "discounts"))
