"""From cards and graph to Markdown pages."""
