"""`python -m svodka`: the same as the command `svodka`."""

from svodka.cli import main

if __name__ == "__main__":
    main()
