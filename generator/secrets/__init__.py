"""Reading other people's text: secrets and literals in code and config."""
