"""What only the description needs: descriptions, groups, format hints and the like.

A board never builds its description, so it need not remember them: here they are forgotten.
Where a PC describes a node it puts a function that keeps them in this one's place.
"""


def note(thing, properties):
    """Forget `properties` (a dict by SECoP's names) of `thing`, a data type, accessible, module or node."""


Any = object
