"""Notices, their letters, receipts and talks: who is told what, on which paper, and when it was received.

Begin with `issuing.py`; `documents.py` keeps each letter as it was issued, `receipts.py` opens the appeal windows,
`authorities.py` knows who else is told, `duties.py` what follows at the institution of the case: delivery, the state
maintained, the talk. Does not live here: its looks (letters/).
"""
