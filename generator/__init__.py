"""Modelbook: the book of a company's machine-learning models, from YAML cards to a site and Confluence."""
