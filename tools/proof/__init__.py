"""What is shown to be true of a node and a board: the fault table, pictures, wiring."""
