"""Publishing: the snapshot of the wiki, the plan, and applying it."""
