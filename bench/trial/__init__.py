"""How well outbreaks of known truth are found: by each method alone, and by all together."""
