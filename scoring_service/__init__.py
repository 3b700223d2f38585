"""The scoring service: points files of medical-insurance practitioners.

`core` holds the rules, `db` the tables, `services` the use cases, `api` and `web` the two faces; the modules
beside them are the frame: settings, clock, server, command line. No rule and no query lives in the frame.
"""
