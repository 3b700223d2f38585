"""Bundles: the letters of many notices as one PDF, made by the scheduler while the asker may go away.

Begin with `asking.py`; `making.py` sets the letters and joins them, `records.py` shows how far a bundle is and hands
the PDF to who asked for it. Does not live here: how a letter is set or joined (letters/), nor who may read one
(notices/).
"""
