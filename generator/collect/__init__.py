"""Cards of other repositories: the list, the fetch, the lock and the folder of collected cards."""
