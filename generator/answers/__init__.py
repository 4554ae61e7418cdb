"""What the cards know together: what breaks, what moves first, whom to call, what is owed."""
