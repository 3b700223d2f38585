"""What the service leaves behind for its operator: log lines, counters, one line a request. No personal data.

Begin with `logs.py`; `metrics.py` counts over all workers, through files that `counter_files.py` makes in the folder of
`counters_folder.py`; `requests.py` writes the line of a request. Does not live here: the audit, which is a record of
the scheme (services/record), and the page of an operator (runtime/health.py).
"""
