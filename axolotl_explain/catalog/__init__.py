"""The recipes that travel with the package: what they are for, and taking one."""
