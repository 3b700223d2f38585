"""Tables as files that people open in a spreadsheet: rows and typed values, and nothing of the scheme.

Lives here: writing rows as XLSX and CSV. Begin with `writing.py`. Does not live here: what the columns mean, who may
see a row, how a file travels (services/, api/, web/).
"""
