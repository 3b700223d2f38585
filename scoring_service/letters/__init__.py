"""Official letters: the facts of a notice made into Chinese text, and the text into HTML and PDF.

Lives here: what each kind of notice must know (`facts`), its wording (`wording`, `imposing`,
`settling`, `words`), the text of a letter as data (`letter`), and the two templates with what fills them (`html`,
`pdf`). Does not live here: the database, who may read a letter, and when one is issued (`services.letters`,
`services.notices`).
"""
