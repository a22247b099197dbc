"""``python -m dynaopenai`` is ``dynaopenai``."""

from ._cli.cli import main

if __name__ == "__main__":
    main()
