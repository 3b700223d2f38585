"""Workbooks as people bring them and take them away: files, sheets, rows and typed cells, and nothing of the scheme.

Lives here: reading XLSX, XLS, ODS and delimited text (`spreadsheet.py`, `zipped.py`, `compound.py`, `delimited.py`, in
a process of its own, `apart.py`), what a row is and why a file is refused (`sheets.py`), writing rows as XLSX and CSV
(`writing.py`), giving a workbook back with comments on its cells (`commented.py`, `commenting.py`). Begin with
`reading.py`. Does not live here: which columns there are and what a value means (`services/imports`), who may see a
row, how a file travels (`api/`, `web/`).
"""
