"""The noisy tier: cross-tabulations of any shape under differential privacy, out of one budget."""
