"""Benchmarks, run by `make bench`: numbers to compare between two versions on one machine.

Lives here: what is measured and printed. Nothing here is a test; no threshold fails.
"""
