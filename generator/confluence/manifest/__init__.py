"""What a publisher remembers: which page is which card's, in the wiki itself and in a journal on disk."""
