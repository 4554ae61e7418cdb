"""What each page shows, computed: templates choose and place."""
