"""`python -m tutor` and the entry point `kafka-tutor`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run and exit with the command's status."""
    from tutor.cli.main import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
