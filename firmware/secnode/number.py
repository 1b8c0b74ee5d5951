"""Numbers as text and back, exactly: the shortest text that reads back as the same number, and the number nearest to a text.

MicroPython's own ways round, each a little differently by version. Shortest digits: Steele and White, "How to print
floating-point numbers accurately" (1990), here in integers that a 32-bit board holds without memory.
"""

# MicroPython's type stubs forget BytesIO's methods
# pyright: reportAttributeAccessIssue=false

import json
from struct import pack_into

from micropython import const

# of this Python's floats: single precision on a board, double on a PC
_BITS = 24 if 16777217.0 == float(16777216) else 53
_LIMB = const(26)  # bits: ten times as many is still a small integer
_MASK = const(0x3FFFFFF)

# for _digits alone, made once: the bytes of a float, its digits, and limbs of three long numbers that take turns: what is left
# of the float, how far from it texts are still read as it, and the one that both are compared with
_bytes = bytearray(4 if _BITS == 24 else 8)
_text = bytearray(12 if _BITS == 24 else 20)
_limbs = [0] * (21 if _BITS == 24 else 129)


def nearest(digits, exponent, first):
    """The float nearest to digits * 10**exponent, whose first digit stands for 10**first.

    What single precision can't hold is the same at every precision: inf from 1e39 on, 0.0 below 1e-45.
    """
    if digits == 0 or first < -45:
        return 0.0
    if first > 38:
        return float("inf")
    if digits < 16777216 and -10 < exponent < 10:
        # both are exact in every precision, so that it is rounded once
        return digits * 1.0 * 10**exponent if exponent >= 0 else digits / 10**-exponent
    from math import ldexp  # rarely

    shift = first * 3322 // 1000 - _BITS - 2  # some bits more than a float has
    above = digits * 10**exponent if exponent > 0 else digits
    below = 10**-exponent if exponent < 0 else 1
    if shift < 0:
        above <<= -shift
    else:
        below <<= shift
    whole, rest = divmod(above, below)
    more = max((-149 if _BITS == 24 else -1074) - shift, 1)
    while whole >> more >= 1 << _BITS:
        more += 1
    last = whole & ((1 << more) - 1)
    half = 1 << (more - 1)
    whole >>= more
    if last > half or (last == half and (rest or whole & 1)):
        whole += 1
    shift += more
    if _BITS == 24 and (shift > 104 or (shift == 104 and whole == 1 << 24)):
        return float("inf")  # for which MicroPython's ldexp raises ValueError
    return ldexp(float(whole), shift)


def dump(value, out):
    """Write a value as JSON into a stream, as json.dump does, but floats in the fewest digits. Allocates nothing.

    Raises ValueError for a float that is not finite, and what json.dump raises where JSON has no form for a value.
    """
    if isinstance(value, float):
        _write(value, out)
    elif isinstance(value, list) or isinstance(value, tuple):  # a tuple of both would be made each time
        begin = b"["
        for item in value:
            out.write(begin)
            dump(item, out)
            begin = b", "
        out.write(b"]" if begin == b", " else b"[]")
    elif isinstance(value, dict):
        begin = b"{"
        for key in value:
            out.write(begin)
            json.dump(key, out)
            out.write(b": ")
            dump(value[key], out)
            begin = b", "
        out.write(b"}" if begin == b", " else b"{}")
    else:
        json.dump(value, out)


def dumps(value):
    """What dump() writes, as str."""
    import io

    out = io.BytesIO()
    dump(value, out)
    return str(out.getvalue(), "utf-8")


def _write(value, out):
    # as Python's repr() has it: positional from 1e-4 to 1e16
    pack_into("<f" if _BITS == 24 else "<d", _bytes, 0, value)
    point = _digits()
    if _bytes[-1] & 0x80:
        out.write(b"-")
    n = _text[0]  # how many there are; they begin at 1
    if -4 < point <= 0:
        out.write(b"0.0000", 0, 2 - point)
        out.write(_text, 1, n)
    elif 0 < point <= 16:
        out.write(_text, 1, min(n, point))
        if n > point:
            out.write(b".")
            out.write(_text, 1 + point, n - point)
        else:
            out.write(b"00000000000000000", 0, point - n)
            out.write(b".0")
    else:
        out.write(_text, 1, 1)
        if n > 1:
            out.write(b".")
            out.write(_text, 2, n - 1)
        out.write(b"e-" if point < 1 else b"e+")
        point = abs(point - 1)
        if point > 99:
            out.write(b"0123456789", point // 100, 1)
        out.write(b"0123456789", point // 10 % 10, 1)
        out.write(b"0123456789", point % 10, 1)


def _digits():
    """Put the shortest digits of the float in _bytes into _text; gives where the point is, 1 for after the first digit.

    How many digits there are is in _text[0], they follow from _text[1] on. Raises ValueError where it is not finite.
    """
    shift = 7 if _BITS == 24 else 4
    exponent = ((_bytes[-1] & 0x7F) << 8 | _bytes[-2]) >> shift
    if exponent == (255 if _BITS == 24 else 2047):
        raise ValueError("no finite number")
    number = _bytes[-2] & ((1 << shift) - 1)
    for i in range(len(_bytes) - 3, -1, -1):
        number = number << 8 | _bytes[i]
    # down to a power of two the next number is half as far as up from it
    edge = 1 if number == 0 and exponent > 1 else 0
    if exponent:
        number |= 1 << (_BITS - 1)
    exponent = max(exponent, 1) - 1 + (-149 if _BITS == 24 else -1074)
    closed = 1 - (number & 1)  # whether a text just between two numbers is read as this one
    n = point = 0
    if not number:
        n = point = 1
        _text[1] = 0x30
        low, high, half = 1, 0, 0
    elif -_BITS - 2 < exponent < 2:
        # as most are: all of it fits into small integers, of which one stands for 1
        bits = 26 if _BITS == 24 else 57
        one = 1 << bits
        whole = number >> -exponent if exponent < 0 else number << exponent
        left = (number & ((1 << -exponent) - 1)) << (bits + exponent) if exponent < 0 else 0
        margin = 1 << (bits + exponent - 1)
        while whole:
            n += 1
            _text[-n] = 0x30 + whole % 10
            whole //= 10
        point = n
        for i in range(n):
            _text[1 + i] = _text[i - n]
        while True:
            # whether these digits, or the next number above of as many, are read as this one
            low = left << edge < margin + closed
            high = left + margin > one - closed
            if low or high:
                break
            left *= 10
            margin *= 10
            n += 1
            _text[n] = 0x30 + (left >> bits)
            left &= one - 1
        half = left + left - one
    else:
        # the same in long numbers; above 1 the one is the power of ten next to it, below a power of two
        limbs = (exponent + _BITS + 7 if exponent > 0 else _LIMB - exponent) // _LIMB
        for i in range(3 * limbs + 3):
            _limbs[i] = 0
        if exponent > 0:
            _put(0, number, exponent)
            _put(1, 1, exponent - 1)
            _limbs[2] = 1
            while _sign(1, 1, limbs) > -closed:
                _times_ten(2, limbs)
                point += 1
        else:
            _put(0, number, limbs * _LIMB + exponent)
            _put(1, 1, limbs * _LIMB + exponent - 1)
            _limbs[3 * limbs + 2] = 1
        while True:
            high = _sign(1, 1, limbs) > -closed
            low = n and _sign(1 + edge, -1, limbs, 0) < closed
            if high and not n:
                n = 1
                point += 1
                _text[1] = 0x30
            if low or high:
                break
            _times_ten(0, limbs)
            _times_ten(1, limbs)
            digit = 0
            if exponent > 0:
                while _sign(1, 0, limbs) >= 0:
                    _sign(1, 0, limbs, 1, True)
                    digit += 1
            else:
                digit = _limbs[3 * limbs]
                _limbs[3 * limbs] = 0
            if n or digit:
                n += 1
                _text[n] = 0x30 + digit
            else:
                point -= 1
        half = _sign(2, 0, limbs)
    if high and (not low or half > 0 or (half == 0 and _text[n] & 1)):
        _text[n] += 1
    while n > 1 and _text[n] == 0x30:
        n -= 1
    _text[0] = n
    return point


def _put(i, number, shift):
    # number << shift, without a large integer
    i += shift // _LIMB * 3
    shift %= _LIMB
    _limbs[i] = (number & (_MASK >> shift)) << shift
    number >>= _LIMB - shift
    while number:
        i += 3
        _limbs[i] = number & _MASK
        number >>= _LIMB


def _times_ten(which, n):
    carry = 0
    for i in range(which, 3 * n + 3, 3):
        carry += _limbs[i] * 10
        _limbs[i] = carry & _MASK
        carry >>= _LIMB


def _sign(left, margin, n, one=1, keep=False):
    """The sign of what is left times `left`, and of margin and one alike, one subtracted; `keep` makes it what is left."""
    carry = some = 0
    for i in range(0, 3 * n + 3, 3):
        carry += left * _limbs[i] + margin * _limbs[i + 1] - one * _limbs[i + 2]
        some |= carry & _MASK
        if keep:
            _limbs[i] = carry & _MASK
        carry >>= _LIMB
    return carry or (1 if some else 0)
