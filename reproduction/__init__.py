"""What docs/reproduction.md is made from: small JSON, kept here, and its makers."""
