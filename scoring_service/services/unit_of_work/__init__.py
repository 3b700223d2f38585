"""What every use case stands on: one transaction, who acts in it, and what they may see and touch.

Begin with `transaction.py`: a `Work` is one transaction with its actor, its instant, its audit and its events.
`sight.py` says whom an account may know of, `touch.py` on what it may act, `tenure.py` what a former employer sees,
`four_eyes.py` that another person decides, `step.py` what a job does in one transaction.
Does not live here: any single use case, nor the locks (db/locks.py).
"""
