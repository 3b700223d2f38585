"""What every request of the REST interface passes, whatever resource it asks for.

Begin with `request.py`: who asks, may they (`access.py`), one transaction, the answer kept under its key
(`idempotency.py`), then commit. Beside it bodies, cursors, conditional answers, errors and the specification;
`quick_eligibility.py` answers the one plain question before the framework. Does not live here: a resource (api/).
"""
