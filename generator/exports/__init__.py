"""The book in other formats, as pure functions; the caller redacts secrets and chooses where the text goes."""
