"""Tasks for lm-evaluation-harness: YAML files, and the functions that they name."""
