"""Look at a recipe and its rows before anything is trained, and say what is wrong."""
