"""Proposals: what one person proposes, others perhaps consent to, and another person decides.

Begin with `proposal.py`, the shape they share, `consent.py`, what an institution agrees to, and `kinds.py`;
`corrections.py` with `correcting.py`, `liftings.py`, `remediation.py`, `reregistrations.py` and
`registry_corrections.py` say what each does to a file, `resumptions.py` with `resumption_decisions.py` how a
suspension's state ends, `outlook.py` and `choices.py` what an activity would change.
Does not live here: cases and appeals, which have courses of their own.
"""
