"""Checks that meet the real, installed Axolotl: nothing here is a stand-in."""
