"""The scoring service: points files of medical-insurance practitioners.

Begin with `core/entries.py` for what the service knows, or with `api/cases.py` for the way of a request: view, service,
core, ledger. Rooms: `core` the rules, `law` the dated values, `db` the tables, `services` the use cases, `letters` what
is told on paper, `api` and `web` the two faces, `runtime` and `telemetry` the frame, `cli` the commands. Beside them
lie what all share: settings, problems, the clock. No rule and no query lives in the frame.
"""
