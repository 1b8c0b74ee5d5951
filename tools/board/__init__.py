"""What talks to a board that is connected."""
