"""What may answer what; for MicroPython, too."""

LINE = 1024  # bytes of the longest request
EVENTS = (b"update ", b"error_update ", b"log ")
REPLIES = {
    b"*IDN?": b"ISSE,", b"describe": b"describing . ", b"read": b"reply ", b"change": b"changed ", b"do": b"done ",
    b"check": b"checked ", b"activate": b"active", b"deactivate": b"inactive", b"ping": b"pong ", b"logging": b"logging ",
    b"help": b"helping ", b"": b"helping ",
}  # fmt: skip
HELP_END = b"helping 11 "


def is_plain(word):
    """Whether bytes are repeated as they are."""
    for c in word:
        if not 0x20 < c < 0x7F:
            return False
    return True


def judge(asked, answer, broken=(), serial=False):
    """What is wrong with `answer` (no event) to the line `asked`, both without line end; "" where it is one of a help.

    `broken` are specifiers whose InternalError is meant. On a serial line *IDN? counts whatever stands before it.
    """
    if asked.endswith(b"\r") and len(asked) <= LINE + 1:
        asked = asked[:-1]
    if serial and asked.endswith(b"*IDN?") and answer.startswith(REPLIES[b"*IDN?"]):
        return None
    action = asked.split(b" ", 1)[0]
    too_long = len(asked) > LINE
    if answer.startswith(b"error_"):
        if not too_long and is_plain(action) and not answer.startswith(b"error_" + action + b" "):
            return "it is of another action"
        if b' ["InternalError", ' in answer and not any([b in asked for b in broken]):
            return "InternalError"
        return None
    reply = REPLIES.get(action)
    if too_long or not reply or not answer.startswith(reply):
        return "it is no answer to that"
    if reply == b"helping " and not answer.startswith(HELP_END):
        return ""
    return None


def data_begin(answer):
    """Where the JSON of a line begins; -1 where there is none to look at."""
    if answer.startswith((b"ISSE,", b"active", b"inactive")):
        return -1
    return answer.find(b" ", answer.find(b" ") + 1) + 1
