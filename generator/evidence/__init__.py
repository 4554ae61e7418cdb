"""Evidence of uses: names found in code, calls seen in traffic, endpoints that were verified."""
