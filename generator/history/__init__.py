"""What git remembers of the cards: who changed what, when and why."""
