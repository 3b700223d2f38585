"""Accounts: who may sign in, by what, and for how long.

Begin with `accounts.py`; `sessions.py` is the browser's token, `passwords.py` what a password may be,
`sign_in_limits.py` how often one may be tried, `single_sign_on.py` the provider's way in, `reach.py` which accounts an
administrator may make. Does not live here: what a signed-in account may see or touch (unit_of_work/).
"""
