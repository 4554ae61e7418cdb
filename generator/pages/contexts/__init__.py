"""The views of the pages: computed values, which templates only place."""
