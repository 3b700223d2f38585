"""Use cases, a verb each, a package a capability. Each takes a `Work` (one transaction), and none of them commits.

Lives here: what the office, the clinics and the practitioners do. Begin with `unit_of_work/transaction.py`, then
`cases/approval.py`. Does not live here: rules (core/), SQL for the ledger and the standing cache (db/), Flask, or
anything that knows of HTTP.
"""
