"""Conversion of built HTML pages to Confluence storage format, and of storage format to readable text."""
