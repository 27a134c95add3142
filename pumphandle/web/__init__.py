"""Two front doors and a hall."""
