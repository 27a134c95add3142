"""Identity providers: whose word on who somebody is the console takes, and asking them."""
