"""HTML of a built page to Confluence storage format, and storage format to what people compare."""
