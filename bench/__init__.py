"""Measurements and pictures of the product; nothing of it is shipped."""
