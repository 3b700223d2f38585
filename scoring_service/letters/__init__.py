"""Official letters: the facts of a notice made into Chinese text, and the text into HTML and PDF.

Lives here: what each kind of notice must know and how it is worded (`imposing.py`, `settling.py`, `resuming.py`,
`remedying.py`; `facts.py` and `words.py` for all), what every letter has (`wording.py`), the text of a letter as data
(`letter.py`), and the two templates with what fills them (`html.py`, `pdf.py`). Begin with `letter.py`. Does not live
here: the database, who may read a letter, and when one is issued (`services/notices`).
"""
