"""python -m pumphandle.cli: the same as the command `pumphandle`."""

from pumphandle.cli.main import main

if __name__ == "__main__":
    main()
