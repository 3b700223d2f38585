"""No count that is withheld can be worked out: every table of a size is tried, and read as a reader who knows the rules."""

from collections import defaultdict
from itertools import product

import pytest

from scoring_service.core.small_numbers import FEWEST, Withheld, published_count, published_counts


def published(counts):
    """What stands in print of a table: its total and its rows, or that there are none."""
    rows = published_counts(counts)
    return published_count(sum(counts)), None if rows is None else tuple(rows)


def tables_up_to(highest, rows):
    """Every table of so many rows that adds up to no more than `highest`: all that are alike are among them."""
    if not rows:
        yield ()
        return
    for count in range(highest + 1):
        for further in tables_up_to(highest - count, rows - 1):
            yield (count, *further)


@pytest.mark.parametrize(("rows", "highest"), [(1, 60), (2, 60), (3, 40), (4, 24), (5, 20)])
def test_a_reader_who_knows_the_rules_cannot_tell_a_withheld_count(rows, highest):
    """Of all tables that are printed alike, each count withheld, and of a table not printed every one, is not the same."""
    alike = defaultdict(list)
    for counts in tables_up_to(highest, rows):
        alike[published(counts)].append(counts)
    for (total, shown), tables in alike.items():
        for place in range(rows):
            if shown is None or isinstance(shown[place], Withheld):
                assert len({counts[place] for counts in tables}) > 1, (total, shown, tables[:3])
        if isinstance(total, Withheld):
            assert len({sum(counts) for counts in tables}) > 1


def test_what_is_told_is_told_as_it_is():
    for counts in product(range(9), repeat=4):
        shown = published_counts(counts)
        for count, each in zip(counts, shown or [], strict=False):
            assert each == count or isinstance(each, Withheld)
            assert (each is Withheld.SMALL) == (0 < count < FEWEST)
        assert (shown is None) <= any(0 < count < FEWEST for count in counts)


def test_the_smallest_of_the_others_goes_with_a_small_one():
    assert published_counts([2, 30, 9, 0]) == [Withheld.SMALL, 30, Withheld.BESIDE, 0]
    assert published_counts([5, 0, 7]) == [5, 0, 7]
    assert published_counts([1, 5, 20]) is None  # 6 together: one of them is 5, so the other is 1.
    assert published_counts([3, 1]) is None
    assert published_counts([4, 4, 4]) is None
