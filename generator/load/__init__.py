"""From a folder of text to cards with positions."""
