"""The door for those with a duty."""
