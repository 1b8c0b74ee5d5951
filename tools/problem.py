"""What a person has to hear in one line, without a traceback."""


class Problem(Exception):
    """Something is wrong that the user can do something about: the text says what. Ends the program with exit code 2."""
