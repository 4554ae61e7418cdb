"""The history of the cards in git."""
