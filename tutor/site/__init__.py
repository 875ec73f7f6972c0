"""Pages of the documentation that are generated from the program, so that they cannot say anything else than it does."""
