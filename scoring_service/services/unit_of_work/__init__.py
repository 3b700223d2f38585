"""What every use case stands on: one transaction, who acts in it, what they may see and touch, and the locks.

Begin with `transaction.py`: a `Work` is one transaction with its actor, its instant, its audit and its events.
`sight.py` says whom an account may know of, `touch.py` on what it may act, `tenure.py` what a former employer sees,
`four_eyes.py` that another person decides, `locks.py` how a job stands beside changes under way.
Does not live here: any single use case.
"""
