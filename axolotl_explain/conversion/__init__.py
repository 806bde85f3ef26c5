"""From any source to canonical rows, and from examples to others' formats."""
