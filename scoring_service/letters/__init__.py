"""Official letters: the facts of a notice made into Chinese text, and the text into HTML and PDF.

Lives here: what each kind of notice must know (`facts.py`), its wording (`wording.py`, `imposing.py`, `settling.py`,
`words.py`), the text of a letter as data (`letter.py`), and the two templates with what fills them (`html.py`,
`pdf.py`). Begin with `letter.py`. Does not live here: the database, who may read a letter, and when one is issued
(`services/notices`).
"""
