"""From a node's file to what lands on a board."""
