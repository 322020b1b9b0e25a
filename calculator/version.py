"""The version of the model, that of the distribution; a test compares it with pyproject.toml."""

VERSION = "0.1.0"
