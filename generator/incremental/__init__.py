"""What a change of cards touches, made again; everything else is from the last build."""
