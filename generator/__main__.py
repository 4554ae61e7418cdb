"""`python -m generator` is `modelbook`."""

from generator.cli import main

if __name__ == "__main__":
    main()
