"""What a card may say: one module a kind, declared once."""
