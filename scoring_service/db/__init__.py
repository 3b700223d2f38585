"""PostgreSQL: tables, engines, migrations, the ledger's append and the reads.

Begin with `ledger.py` (lock, append) and `standing.py` (the cache of the fold); `tables/` says what is kept.
No rule and no use case lives here.
"""
