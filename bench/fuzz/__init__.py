"""Fuzzing: mutated cards, imported documents and sample calls, seeded so that each can be made again."""
