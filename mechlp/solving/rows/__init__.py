"""Columns and rows of mechanisms, one file a concern: what :mod:`mechlp.solving.compile` puts together."""
