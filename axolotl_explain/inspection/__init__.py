"""Training rows as the model will see them: ids, labels, and what they stand for."""
