"""A client of SEC nodes, and what it shows a person."""
