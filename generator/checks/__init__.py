"""The rules that cards are held to: a tuple of rules, nothing registers itself."""
