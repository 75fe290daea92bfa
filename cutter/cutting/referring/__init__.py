"""What a text says of units: cross-references of its own, and what an amendment changes in another document."""
