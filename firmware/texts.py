"""Texts for persons: on a board they are in a file, and read where one is needed (see tools/image/texts.py)."""

# open for good: to open it takes more memory than any text
_file = open("texts", "rb")
_pairs = _file.read(256)  # what each byte from 0x80 stands for, zeros where it stands for itself


def get(place):
    """The text at a place in the file."""
    try:
        _file.seek(place)
        left = list(_file.read(_file.read(1)[0]))  # backwards
        data = bytearray()
        while left:
            byte = left.pop()
            i = 2 * byte - 256
            if i < 0 or not _pairs[i]:
                data.append(byte)
            else:
                left.append(_pairs[i + 1])
                left.append(_pairs[i])
        return str(data, "utf-8")
    except (OSError, IndexError):
        return "text %d is gone" % place  # whoever failed meanwhile has to be heard all the same
