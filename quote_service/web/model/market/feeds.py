"""What a feed looks like, for somebody who is about to upload one.

Source: docs/spec/competitors.md#feeds.
"""

from typing import Final, NamedTuple


class FeedFormat(NamedTuple):
    """A format by its name, the endings and the media type of its files, and the shortest example there is."""

    name: str
    endings: str
    media_type: str
    example: str


FEED_FORMATS: Final = {
    "csv": FeedFormat(
        "CSV with a header line",
        ".csv,.tsv,.txt,text/csv",
        "text/csv",
        "id,title,price,availability\nC-7781,Running shoe,1149.00 TRY,in stock",
    ),
    "ndjson": FeedFormat(
        "one JSON document a line",
        ".ndjson,.jsonl,.json,application/x-ndjson",
        "application/x-ndjson",
        '{"id": "C-7781", "title": "Running shoe", "price": "1149.00 TRY"}',
    ),
    "google_xml": FeedFormat(
        "XML of Google Merchant Center",
        ".xml,application/xml,text/xml",
        "application/xml",
        '<rss version="2.0"><channel><item><id>C-7781</id><price>1149.00 TRY</price></item></channel></rss>',
    ),
}
