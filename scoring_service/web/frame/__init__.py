"""What every page of the console has: the request of a page, layout, sessions, forms, lists, files in and out.

Begin with `pages.py`. Does not live here: a page of its own (the desks), nor a word shown to people (wording/).
"""
