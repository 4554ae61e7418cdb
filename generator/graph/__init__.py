"""The graph of cards and resources, with the reason for each edge."""
