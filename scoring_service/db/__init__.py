"""PostgreSQL: tables, engines, migrations, the ledger's append and the reads.

No rule and no use case lives here.
"""
