"""Use cases, a verb each. Each takes a `Work` (one transaction), and none of them commits.

Lives here: what the office, the clinics and the practitioners do. Does not live here: rules (core/), SQL for the
ledger and the standing cache (db/), Flask, or anything that knows of HTTP.
"""
