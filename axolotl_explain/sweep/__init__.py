"""Many runs of one recipe: planned, trained, evaluated, kept and compared."""
