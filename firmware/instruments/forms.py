"""Forms of answers, as a manual's command table has them: what stands there, and where the numbers are.

    %f      a number                    %7f     one of exactly 7 characters, spaces before it included
    %d      a whole number              %x      a hexadecimal one
    %s      text, up to what follows    %*f     one that nobody wants
    %%      a percent sign

All else has to be there as it stands. So "%f" reads "+077.350", "PR1,%d,%f" reads "PR1,0,+1.2E-05". A form without fields
gives the empty tuple, with one field its value, with several a tuple.
"""

_DIGITS = "0123456789"
_HEX = "0123456789abcdefABCDEF"


def _field(form, i):
    # (skipped, width or 0, kind, where the form goes on) of a field whose % is before i
    skip = form[i : i + 1] == "*"
    if skip:
        i += 1
    begin = i
    while form[i : i + 1] and form[i] in _DIGITS:
        i += 1
    kind = form[i : i + 1]
    if not kind or kind not in "fdxs":
        raise ValueError("form %r: %%%s is no field: %%f, %%d, %%x, %%s, with a width: %%7f, %%*f" % (form, kind))
    return skip, int(form[begin:i] or 0), kind, i + 1


def fields(form):
    """The fields of a form, e.g. "fd". Raises ValueError with what is wrong with it."""
    found = ""
    i = 0
    open_end = False
    while i < len(form):
        if form[i] != "%":
            open_end = False
            i += 1
        elif form[i + 1 : i + 2] == "%":
            open_end = False
            i += 2
        else:
            skip, width, kind, i = _field(form, i + 1)
            if open_end:
                raise ValueError("form %r: two fields need something between them, or the first one a width" % form)
            open_end = not width
            if not skip:
                found += kind
    return found


def parsed(form, text):
    """What an answer says, by a form. Raises ValueError where it is not of that form."""
    if form == "%s":
        return text
    found = ()
    i = at = 0
    while i < len(form):
        c = form[i]
        i += 1
        if c == "%":
            if form[i : i + 1] != "%":
                skip, width, kind, i = _field(form, i)
                end = at + width if width else _end(kind, text, at, form[i : i + 1])
                if end > len(text) or end == at and kind != "s":
                    raise ValueError
                if not skip or kind != "s":
                    value = _value(kind, text[at:end])
                    if not skip:
                        found += (value,)
                at = end
                continue
            i += 1
        if text[at : at + 1] != c:
            raise ValueError
        at += 1
    if at != len(text):
        raise ValueError
    return found[0] if len(found) == 1 else found


def _end(kind, text, at, following):
    # where a field without a width ends
    if kind == "s":
        end = text.find(following, at) if following else len(text)
        if end < 0:
            raise ValueError
        return end
    while text[at : at + 1] == " ":
        at += 1
    allowed = _HEX if kind == "x" else _DIGITS + ("+-" if kind == "d" else "+-.eE")
    while at < len(text) and text[at] in allowed:
        at += 1
    return at


def _value(kind, text):
    if kind == "s":
        return text
    text = text.strip() if text[-1:] != " " else ""
    # Python takes more than instruments say: 1_000, inf, nan
    digit = False
    for c in text:
        if c in _DIGITS:
            digit = True
        elif c not in (_HEX if kind == "x" else "+-" if kind == "d" else "+-.eE"):
            raise ValueError
    if not digit and kind != "x":
        raise ValueError
    return float(text) if kind == "f" else int(text, 16 if kind == "x" else 10)
