"""What windows are counted of: a subject for each topic of the event bus, each with a watermark of its own.

Source: docs/spec/market-analysis.md#windows.
"""

from typing import Final, Literal, get_args

from quote_service.platform.event_bus.model.events import Topic

WindowSubject = Literal["prices", "competitors", "behaviour", "decisions"]
SUBJECTS: Final[tuple[WindowSubject, ...]] = get_args(WindowSubject)

TOPIC_OF: Final[dict[WindowSubject, Topic]] = {
    "prices": "price-updates",
    "competitors": "competitor-data",
    "behaviour": "user-behavior",
    "decisions": "decisions",
}
#: The consumer group of each, where PostgreSQL counts.
GROUP_OF: Final[dict[WindowSubject, str]] = {subject: f"windows-{subject}" for subject in SUBJECTS}

#: What counts: PostgreSQL itself, in the transaction that notes what was handled; or a stream of Apache Spark.
WindowEngine = Literal["postgresql", "spark"]
