"""Lists as tables: the columns of an answer's schema, with their headings and the words of their values.

Begin with `columns.py`; `headings.py` names the fields in Chinese, `lists.py` the lists. Does not live here: which rows
there are (the routes), nor how a file is written (workbooks/).
"""
