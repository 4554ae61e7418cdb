"""Drafts of cards from a model registry, OpenAPI documents, READMEs, catalogs and spreadsheets.

One module for each source has a function from a document to an `ImportResult`: files for the cards folder, and notes on
the parts that were left out. A draft always loads: a value that the schema refuses is noted instead. It has the tag
`draft`, and comments that name its source, its guesses and its missing keys.
"""
