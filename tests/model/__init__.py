"""The plain model of scheme.md part 2, written a second time only for the tests, and random histories for it.

Lives here: `plain` (fold, state, gates, payable as dicts and lists, nothing of the service imported),
`histories` (random files that the gates admit), and the hand-worked examples that hold the model itself.
Does not live here: tests that compare the service with the model (tests/core, tests/properties, tests/services).
"""
