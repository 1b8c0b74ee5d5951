"""What a node sends unasked: updates, and log messages; and how a value becomes a line.

A line is built in the node's one Encoder, copied to all that get it, and given back before anything awaits, sends or logs.
Code that begins another one earlier gets an AssertionError from it.
"""

from secnode import calls, log


def announce(node, a):
    """Send the present value (or error) of a parameter to the clients that activated its module."""
    if a.module.acting is a:
        a.module.acting = None
    encoded = False
    for session in node.sessions:
        if session.active[a.module.index]:
            if not encoded:
                encode(node.encoder, a)
                encoded = True
            session.push(a)
    # sent when all have it: who sends may fail, log, and give up a client
    if encoded:
        node.encoder.length = 0
        for session in node.sessions:
            if session.active[a.module.index]:
                session.pushed()


def state(a):
    """What is told of a parameter: its value and its error, to be compared with later."""
    return getattr(a.module, a.name), a.error


def encode(encoder, a, action=b"update ", error_action=b"error_update ", specifier=None):
    """Put a line with the present value (or error) of a parameter into the encoder, as an update where nothing else is said."""
    if specifier is None:
        specifier = a.specifier
    if not a.error:
        try:
            value = getattr(a.module, a.name)
            datainfo = a.definition.datainfo
            if not datainfo.plain:
                value = datainfo.export(value)
            encoder.begin(action, specifier)
            encoder.value(value, a.t_hi, a.t_lo)
            return
        except Exception as e:
            a.error = calls.secop_error(e, a.module)  # a value that its own data type can't send: never silence
    encoder.begin(error_action, specifier)
    encoder.error(a.error, a.t_hi, a.t_lo)


def set_log_threshold(node):
    """Have log.py put together what some client wants to hear of, and no more."""
    level = log.INFO
    for session in node.sessions:
        level = max(level, max(session.levels))
    log.threshold = level
