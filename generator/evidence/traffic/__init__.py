"""Calls seen in traffic: formats of metrics, traces and access logs, and the cards that callers and targets belong to."""
