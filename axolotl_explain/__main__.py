"""`python -m axolotl_explain` is the command line."""

from axolotl_explain.cli import main

main(prog_name="axolotl-explain")
