"""Accounts: who may sign in, by what, and for how long.

Begin with `account.py`. An account is asked for and opened (`opening.py`), decided on by another administrator
(`deciding.py`), closed or given a new password (`closing.py`), all of it on record (`life.py`), and never the last
administrator (`administrators.py`). `signing_in.py` is the way in and the bearer's token, `sessions.py` the browser's,
`passwords.py` what a password may be, `sign_in_limits.py` how often one may be tried, `single_sign_on.py` the
provider's way in, `reach.py` which accounts an administrator may make. Does not live here: what a signed-in account
may see or touch (unit_of_work/).
"""
