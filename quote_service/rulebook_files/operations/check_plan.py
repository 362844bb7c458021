"""The rule check on what an import would write.

Source: docs/spec/rulebook-files.md#import; docs/spec/pricing-rules.md#rule-check.
"""

from quote_service.postgres.pool import Database
from quote_service.pricing.check.finding import Finding
from quote_service.pricing.rulebook.rulebook import empty_rulebook
from quote_service.rulebook.operations.check_rulebook import check_drafts, newest_rulebook
from quote_service.rulebook.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook_files.words.plan import Plan
from quote_service.system.clock import now_us


async def check_plan(database: Database, plan: Plan) -> list[Finding]:
    """What is odd about the rules and rates that would be written, beside those that there are."""
    rules = [step.draft for step in plan.rules if step.draft is not None]
    rates = [step.draft for step in plan.rates if step.draft is not None]
    if not rules and not rates:
        return []
    holder = RulebookHolder()
    holder.rulebook = empty_rulebook()
    return (await check_drafts(await newest_rulebook(database, holder), now_us(), rules, rates)).findings
