"""Forms of answers, as a manual's command table has them: what stands there, and where the numbers are.

    %f      a number                    %7f     one of exactly 7 characters, spaces before it included
    %d      a whole number              %x      a hexadecimal one
    %c      a whole number that is a code: a table says what it means
    %s      text, up to what follows    %*f     one that nobody wants
    %%      a percent sign

All else has to be there as it stands. So "%f" reads "+077.350", "PR1,%d,%f" reads "PR1,0,+1.2E-05". A form without fields
gives the empty tuple, with one field its value, with several a tuple.
"""

from secnode.number import nearest

_KINDS = "fdxsc"


def fields(form):
    """The fields of a form, e.g. "fd". Raises ValueError with what is wrong with it."""
    found = ""
    i = 0
    open_end = False
    while i < len(form):
        c = form[i]
        i += 1
        if c != "%" or form[i : i + 1] == "%":
            open_end = False
            i += c == "%"
            continue
        skip = form[i : i + 1] == "*"
        i += skip
        begin = i
        while form[i : i + 1].isdigit():
            i += 1
        kind = form[i : i + 1]
        if not kind or kind not in _KINDS:
            raise ValueError("form %r: %%%s is no field: %%f, %%d, %%x, %%s, %%c, with a width: %%7f, %%*f" % (form, kind))
        if open_end:
            raise ValueError("form %r: two fields need something between them, or the first one a width" % form)
        open_end = i == begin
        i += 1
        if not skip:
            found += kind
    return found


def parsed(form, data, n):
    """What the first n bytes of data, an answer, say by a form. Raises ValueError where it is not of that form.

    Allocates what it gives and no more; characters are compared one by one, since slices are objects.
    """
    found = None
    several = 0
    i = at = 0
    last = len(form)
    while i < last:
        c = form[i]
        i += 1
        if c == "%" and i < last and form[i] != "%":
            skip = form[i] == "*"
            i += skip
            width = 0
            while "0" <= form[i] <= "9":
                width = width * 10 + ord(form[i]) - 48
                i += 1
            kind = form[i]
            i += 1
            end = at + width if width else _end(kind, data, at, n, ord(form[i]) if i < last else -1)
            if end > n:
                raise ValueError
            if kind == "s":
                value = None if skip else str(memoryview(data)[at:end], "utf-8")
            elif kind == "f":
                value = _float(data, at, end)
            else:
                value = _int(data, at, end, 16 if kind == "x" else 10)
            at = end
            if not skip:
                several += 1
                if several == 1:
                    found = value
                elif several == 2:
                    found = found, value
                else:
                    found += (value,)  # type: ignore - a tuple by now
            continue
        i += c == "%"
        if at >= n or data[at] != ord(c):
            raise ValueError
        at += 1
    if at != n:
        raise ValueError
    return found if several else ()


def _end(kind, data, at, n, following):
    # where a field without a width ends
    if kind == "s":
        while at < n and data[at] != following:
            at += 1
        if following >= 0 and at >= n:
            raise ValueError
        return at
    while at < n and data[at] == 32:
        at += 1
    while at < n and _belongs(kind, data[at]):
        at += 1
    return at


def _belongs(kind, c):
    if 48 <= c <= 57:
        return True
    if kind == "x":
        return 65 <= c <= 70 or 97 <= c <= 102
    return c == 43 or c == 45 or kind == "f" and (c == 46 or c == 69 or c == 101)


def _int(data, at, end, base):
    while at < end and data[at] == 32:
        at += 1
    negative = False
    if base == 10 and at < end and (data[at] == 43 or data[at] == 45):
        negative = data[at] == 45
        at += 1
    if at >= end:
        raise ValueError
    value = 0
    while at < end:
        c = data[at]
        if not _belongs("x" if base == 16 else "d", c) or c < 48:
            raise ValueError
        value = value * base + (c - 48 if c <= 57 else (c | 32) - 87)
        at += 1
    return -value if negative else value


def _float(data, at, end):
    # the nearest one, by integers
    while at < end and data[at] == 32:
        at += 1
    negative = False
    if at < end and (data[at] == 43 or data[at] == 45):
        negative = data[at] == 45
        at += 1
    digits = exponent = 0
    some = point = False
    while at < end and (48 <= data[at] <= 57 or data[at] == 46 and not point):
        if data[at] == 46:
            point = True
        else:
            some = True
            digits = digits * 10 + data[at] - 48
            exponent -= point
        at += 1
    if not some:
        raise ValueError
    if at < end:
        if data[at] | 32 != 101 or end - at > 5:
            raise ValueError
        exponent += _int(data, at + 1, end, 10)
    first = exponent - 1
    left = digits
    while left:
        left //= 10
        first += 1
    value = nearest(digits, exponent, first)
    return -value if negative else value
