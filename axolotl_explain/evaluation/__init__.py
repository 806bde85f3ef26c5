"""Generated answers: how they are made, compared and counted."""
