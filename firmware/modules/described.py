"""More of what the description says of one module's parameter or command, where its class says the rest."""

from secnode import describing


def described(module, name, **properties):
    """Give a parameter or command of one module further properties (group, visibility, meaning, description).

    Raises ValueError where the module has none of that name.
    """
    if name not in module.accessibles:
        raise ValueError("%s has no %s: it has %s" % (module.name, name, ", ".join(sorted(module.accessibles))))
    describing.note((module.name, name), properties)
