"""What publishing would do, worked out before anything is done: pure, sorted, printable as data."""
