"""Calls seen in traffic: metrics, traces and logs, and the cards that callers and targets belong to."""
