"""What stands between a command and the first request: start, embedded database, folders, keys, children, health.

Lives here: what a process needs before and while it serves. Begin with `start.py`; `assembly.py` puts together what
every use case stands on, `embedded.py` runs PostgreSQL under the data folder, `admission.py` and `connections.py` guard
the few threads that work. Does not live here: commands (cli/), logs and counters (telemetry/), anything of the scheme.
"""
