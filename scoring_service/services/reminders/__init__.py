"""Reminders outside the console: that something waits, and how much of it, by e-mail or by the office's gateway.

Begin with `choosing.py`: what an account asks for, and the code that proves its address. `outbox.py` writes the
messages, `posting.py` sends them one by one and goes on after failures, `carriers.py` are the two ways out and
`wording.py` what is said. Does not live here: what waits (desks/waiting.py).
"""
