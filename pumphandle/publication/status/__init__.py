"""The status of every area against written rules, from published numbers alone."""
