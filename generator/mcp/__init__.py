"""The server for agents: the answers of the command line as tools of the Model Context Protocol."""
