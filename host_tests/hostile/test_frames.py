"""WebSocket's frames, good ones and any bytes at all, cut anywhere, read into buffers of any size."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tests import harness
from host_tests.properties.coded import to_bytes, to_hex
from host_tests.properties.served import fixture
from host_tests.wire.websocket import CLOSE, PING, PONG, frame

level = harness.level_fixture(*harness.LEVELS, "board-like")


frames = fixture(Path(__file__).with_name("frames.py"))


texts = st.binary(max_size=300).map(lambda data: data.replace(b"\n", b" "))
messages = st.tuples(st.just("text"), texts, st.lists(st.integers(0, 300), max_size=3))
controls = st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=125), st.just([]))
cuts = st.lists(st.integers(1, 400), min_size=1, max_size=20)
rooms = st.lists(st.integers(1, 1026), min_size=1, max_size=5)


def cut(data, sizes):
    pieces, i = [], 0
    while data:
        pieces.append(to_hex(data[: sizes[i % len(sizes)]]))
        data = data[sizes[i % len(sizes)] :]
        i += 1
    return pieces


def sent(what):
    """(bytes of it, the lines it means, the pongs it asks for)."""
    data = lines = b""
    pongs = []
    for kind, payload, at in what:
        if kind != "text":
            data += frame(payload, kind)
            pongs += [payload] if kind == PING else []
            continue
        places = [0, *sorted(min(i, len(payload)) for i in at), len(payload)]
        parts = [payload[a:b] for a, b in zip(places, places[1:], strict=False)]
        for i, part in enumerate(parts):
            data += frame(part, 0 if i else 1, last=i == len(parts) - 1)
            if i < len(parts) - 1:
                data += frame(b"", PONG)
        lines += payload + b"\n"
    return data, lines, pongs


@given(what=st.lists(st.one_of(messages, controls), max_size=8), sizes=cuts, rooms=rooms)
def test_messages_become_lines(frames, what, sizes, rooms):
    data, lines, pongs = sent(what)
    found, said, ended = frames.ask("lines", cut(data, sizes), rooms, 0)
    assert to_bytes(found) == lines and not ended
    assert to_bytes(said) == b"".join(bytes([0x80 | PONG, len(p)]) + p for p in pongs)


@given(what=st.lists(st.one_of(messages, controls), max_size=8), sizes=cuts, rooms=rooms, full=st.integers(1, 5))
def test_answers_without_room_do_no_harm(frames, what, sizes, rooms, full):
    data, lines, pongs = sent(what)
    found, said, ended = frames.ask("lines", cut(data, sizes), rooms, full)
    assert to_bytes(found) == lines and not ended
    assert len(pongs) == 0 or to_bytes(said) == b"" or to_bytes(said)[0] == 0x80 | PONG


@given(what=st.lists(messages, max_size=4), rubbish=st.binary(max_size=200), sizes=cuts, rooms=rooms)
def test_any_bytes_at_all(frames, what, rubbish, sizes, rooms):
    """Nothing but lines and an end comes of them, and what came before is there."""
    data, lines, _ = sent(what)
    found, _, _ = frames.ask("lines", cut(data + rubbish, sizes), rooms, 0)
    assert to_bytes(found).startswith(lines)


@given(what=st.lists(messages, max_size=4), code=st.integers(1000, 4999), sizes=cuts, rooms=rooms)
def test_close(frames, what, code, sizes, rooms):
    data, lines, _ = sent(what)
    data += frame(code.to_bytes(2) + b"why", CLOSE) + frame(b"never read")
    found, said, ended = frames.ask("lines", cut(data, sizes), rooms, 0)
    assert to_bytes(found) == lines and ended
    assert to_bytes(said) == bytes([0x80 | CLOSE, 2]) + code.to_bytes(2)


@pytest.mark.parametrize("n", [0, 1, 125, 126, 127, 255, 256, 511, 512, 65535, 65536, 70000])
def test_frames_of_all_lengths(frames, n):
    made = to_bytes(frames.ask("frame", to_hex(n * b"x" + b"\n")))
    head = bytes([0x81]) + (bytes([n]) if n < 126 else b"\x7e" + n.to_bytes(2) if n < 65536 else b"\x7f" + n.to_bytes(8))
    assert made == head + n * b"x"
