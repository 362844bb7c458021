"""Names and sentences by Faker, drawn once for each seed.

A release of Faker may change its words, so the extra `seed` names one release: with it the words of a seed are the same.

Source: docs/spec/seeding.md#what-the-seed-decides.
"""

from faker import Faker

from quote_service.lab.seeding.model.vocabulary import Vocabulary

_FIRST_NAMES = 800
_LAST_NAMES = 600
_COMPANIES = 300
_BRANDS = 120
_SENTENCES = 400
_LOCALE = "tr_TR"


def draw_vocabulary(seed: int) -> Vocabulary:
    """The words of a seed."""
    people = Faker(_LOCALE)
    people.seed_instance(seed)
    texts = Faker("en_US")
    texts.seed_instance(seed)
    return Vocabulary(
        first_names=tuple(people.first_name() for _ in range(_FIRST_NAMES)),
        last_names=tuple(people.last_name() for _ in range(_LAST_NAMES)),
        companies=tuple(people.company() for _ in range(_COMPANIES)),
        brands=tuple(texts.last_name() for _ in range(_BRANDS)),
        sentences=tuple(f"{texts.catch_phrase()}." for _ in range(_SENTENCES)),
    )
