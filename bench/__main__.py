"""`make bench`: the fold, one question, batches, approvals, lists, pages; figures in docs/benchmarks.md.

`python -m bench [PEOPLE]` takes another size of country; `python -m bench.year_close` measures the year-close.
"""

import sys

from bench import approvals, eligibility, fold, lists, pages, reports
from bench.stage import stage, unwind_when_stopped


def main() -> None:
    unwind_when_stopped()
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    fold.measure()
    with stage(people) as on:
        eligibility.single(on, people)
        eligibility.django(on, people)
        eligibility.batches(on, people)
        approvals.measure(on)
        lists.measure(on)
        pages.measure(on, people)
        reports.measure(on)


main()
