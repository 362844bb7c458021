"""The rule check on what an import would write.

Source: docs/spec/rulebook-files.md#import; docs/spec/pricing-rules.md#rule-check.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.pricing.check.finding import Finding
from quote_service.pricing.rulebook.rulebook import empty_rulebook
from quote_service.rulebook.snapshot.operations.check_rulebook import check_drafts, newest_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.steering.rulebook_files.model.plan import Plan


async def check_plan(database: Database, plan: Plan) -> list[Finding]:
    """What is odd about the rules and rates that would be written, beside those that there are."""
    rules = [step.draft for step in plan.rules if step.draft is not None]
    rates = [step.draft for step in plan.rates if step.draft is not None]
    if not rules and not rates:
        return []
    holder = RulebookHolder()
    holder.rulebook = empty_rulebook()
    return (await check_drafts(await newest_rulebook(database, holder), now_us(), rules, rates)).findings
