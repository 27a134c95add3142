"""The daily look at a nation: what is known this morning goes in, findings that are worth a person's time come out."""
