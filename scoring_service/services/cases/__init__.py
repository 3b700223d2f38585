"""Cases: a violation recorded by one person and approved by another, and the entries that the approval makes.

Begin with `drafting.py`, then `approval.py`. `findings.py` and `case_checks.py` say what a case may say, `reading.py`
what a caller sees of it, `preview.py` what a decision would do, `same_decisions.py` what looks punished twice,
`similar_cases.py` what like cases got.
Does not live here: the fold (core/), what an entry starts in a file (years/), the letters (notices/).
"""
