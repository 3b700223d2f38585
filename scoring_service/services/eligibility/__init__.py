"""Is a claim line payable? The one question that is asked millions of times a day (scheme.md 2.5).

Begin with `checks.py`: one check or ten thousand, by the same way; `answer.py` judges one and names the decision by its
hash. Does not live here: the rule (core/payable.py), the plain statement (db/eligibility*.py), the quick way (api/).
"""
