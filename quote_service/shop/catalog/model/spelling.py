"""The word that was probably meant.

Source: docs/spec/catalog.md#lists-and-search.
"""

from collections.abc import Iterable


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """The known word with the fewest slips, ties to the first by alphabet; None where each takes too many.

    One slip (a letter too few, too many, wrong, or exchanged with its neighbour) in words of up to five letters, two in
    longer ones.
    """
    slips_max = 1 if len(word) <= 5 else 2
    found = min(((slips_between(word, each), each) for each in known), default=None)
    return None if found is None or found[0] > slips_max else found[1]


def slips_between(left: str, right: str) -> int:
    """Insertions, deletions, substitutions and exchanges of neighbours that make one word of the other."""
    before: list[int] = []
    last = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        row = [i]
        for j, other in enumerate(right, 1):
            least = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        before, last = last, row
    return last[-1]
