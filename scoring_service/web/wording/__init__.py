"""Words for people: what the services speak in values, told in Chinese and English sentences.

Begin with `words.py`, the scheme's words by value; a module each for entries, standings, spans, changes, answers and
outlooks; `languages.py` chooses the language. Does not live here: letters, which are documents of their own (letters/).
"""
