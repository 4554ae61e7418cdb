"""`modelbook publish`: the commands that publish the built site to Confluence."""
