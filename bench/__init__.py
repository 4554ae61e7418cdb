"""Benchmarks and screenshots of Modelbook, which are not part of the package."""
