"""A made-up country with planted outbreaks of known truth; it speaks only the vocabulary."""
