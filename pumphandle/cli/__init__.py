"""The same deeds, by hand or by timer."""
