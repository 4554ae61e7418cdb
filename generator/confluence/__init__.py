"""The same pages in Confluence: knows built HTML, never cards."""
