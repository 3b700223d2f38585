"""Claim files that are too large to be answered at once: kept for the scheduler, and what came of them.

Lives here: what is asked of such a file, how far it is, its answer; all sealed, of the account that sent it alone.
Begin with `asking.py`. Does not live here: reading and judging files (`screening`, which stands above).
"""
