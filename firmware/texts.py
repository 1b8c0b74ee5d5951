"""Texts for persons: on a board they are in a file, and read where one is needed (see tools/image/texts.py)."""

# open for good: to open it takes more memory than any text
_file = open("texts", "rb")


def get(place):
    """The text at a place in the file."""
    try:
        _file.seek(place)
        return str(_file.read(_file.read(1)[0]), "utf-8")
    except (OSError, IndexError):
        return "text %d is gone" % place  # whoever failed meanwhile has to be heard all the same
