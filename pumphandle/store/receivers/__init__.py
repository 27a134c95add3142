"""Where packages are put: a folder, an SSH server, a bucket."""
