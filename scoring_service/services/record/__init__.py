"""The record, read: the audit of every write and look, and the numbered events.

Both are written by the transaction that causes them (unit_of_work/transaction.py). Begin with `audit.py`.
Does not live here: the ledger (db/ledger.py), nor the operator's logs (telemetry/).
"""
