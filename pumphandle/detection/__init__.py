"""Is something happening, and where."""
