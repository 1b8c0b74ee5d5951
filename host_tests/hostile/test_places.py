"""Who keeps a place, and who loses it: time-outs, newcomers where all places are taken, updates and replies in turn."""

from host_tests.harness import error_class, mentions

QUIET, SILENT, IDLE, STALL = 60000, 10000, 600000, 20000  # ms, the README states them
HERE = "10.0.0.1"


def happen(places, *events, clients=2, given=None):
    """What happened to each client: {name: (lines, closed)}, and what was logged."""
    clients, said = places.ask("happen", given or {}, clients, events)
    return {name: (got.split("\n")[:-1], closed) for name, (got, closed) in clients.items()}, said


def connect(*names):
    return [["connect", name, HERE] for name in names]


def greet(*names):
    return [["send", name, "*IDN?\n"] for name in names]


def every(ms, times, *events):
    """The events again and again, with a pause before each time."""
    return [event for _ in range(times) for event in (["wait", ms], *events)]


def test_a_client_that_vanished_is_found(places):
    clients, said = happen(places, *connect("a"), *greet("a"), ["wait", IDLE - 2000])
    assert not clients["a"][1] and not said
    clients, said = happen(places, *connect("a"), *greet("a"), ["wait", IDLE + 2000])
    assert clients["a"][1]
    assert len(said) == 1 and mentions(said[0], f"{IDLE // 1000} s")


def test_frappys_ping_keeps_a_place_for_ever(places):
    """It comes after 5 s of silence; ten such, and a time-out of 10 s, are far from any limit."""
    ping = every(10000, 130, ["send", "a", "ping 5\n"])
    clients, said = happen(places, *connect("a"), *greet("a"), *ping)
    assert not clients["a"][1] and not said
    assert len(clients["a"][0]) == 131


def test_updates_keep_a_silent_client(places):
    """An active client need not say anything, as long as there is something to tell it."""
    updates = [event for i in range(30) for event in (["wait", 60000], ["change", i])]
    clients, said = happen(places, *connect("a"), *greet("a"), ["send", "a", "activate\n"], *updates)
    assert not clients["a"][1] and not said
    # nor does one that is idle on both sides stay
    clients, said = happen(places, *connect("a"), *greet("a"), ["send", "a", "activate\n"], ["wait", IDLE + 2000])
    assert clients["a"][1]


def test_bytes_without_a_line_are_silence(places):
    drip = every(5000, 125, ["send", "a", "x"])
    clients, said = happen(places, *connect("a"), *drip)
    assert clients["a"][1]
    assert len(said) == 1 and mentions(said[0], f"{IDLE // 1000} s")


def test_a_request_that_takes_long_is_no_silence(places):
    clients, _ = happen(places, *connect("a"), ["send", "a", "change lamp:target 90\n"], ["wait", 89000])
    assert not clients["a"][1]
    # longer than IDLE: its time begins with the answer
    hours = [event for _ in range(10) for event in (["wait", 91000], ["send", "a", "change lamp:target 90\n"])]
    clients, _ = happen(places, *connect("a"), ["send", "a", "change lamp:target 90\n"], *hours)
    assert not clients["a"][1]


def test_a_client_that_takes_nothing_is_closed(places):
    events = [*connect("a"), ["stall", "a"], ["send", "a", "ping\n"]]
    clients, said = happen(places, *events, ["wait", STALL - 1000])
    assert not clients["a"][1] and not said
    clients, said = happen(places, *events, ["wait", STALL + 3000])
    assert clients["a"][1]
    assert len(said) == 1 and mentions(said[0], f"{STALL // 1000} s")


def test_one_after_the_other_is_closed(places):
    """What one has not taken fills lwIP's memory for 10 s more, and may be all that holds the others up."""
    events = [*connect("a", "b", "c"), *[["stall", name] for name in "abc"], *[["send", name, "ping\n"] for name in "abc"]]
    clients, said = happen(places, *events, ["wait", STALL + 10000], clients=3)
    assert [clients[name][1] for name in "abc"] == [True, False, False] and len(said) == 1
    after = [["unstall", "b"], ["wait", STALL]]
    clients, said = happen(places, *events, ["wait", STALL + 10000], *after, clients=3)
    assert [clients[name][1] for name in "abc"] == [True, False, True] and len(said) == 2
    assert [line.split(" ")[0] for line in clients["b"][0]] == ["pong"]


def test_no_memory_to_wait_for_a_request_is_no_end(places):
    """Others have taken it just now: who is served stays so, while the next one is looked for and while it is waited for."""
    for pause in ([], [["wait", 5000]]):
        starved = [["starve", "a", 3], ["settle", 100], ["send", "a", "ping 1\n"], ["settle", 100]]
        clients, said = happen(places, *connect("a"), *greet("a"), *pause, *starved)
        assert clients["a"][0][1].startswith("pong 1 ") and not clients["a"][1] and not said
    # nor where it lies behind another one
    events = [["send", "a", "ping 1\npi"], ["starve", "a", 1], ["settle", 50], ["send", "a", "ng 2\n"], ["settle", 50]]
    clients, _ = happen(places, *connect("a"), *greet("a"), *events)
    assert [line.split()[:2] for line in clients["a"][0][1:]] == [["pong", "1"], ["pong", "2"]]


def newcomer(places, before, wait, words="*IDN?\n", clients=2):
    """`before` happens, then `wait` ms pass, then a client comes; what happens to whom."""
    return happen(
        places, *before, ["wait", wait], *connect("new"), ["send", "new", words], ["settle", 700], clients=clients
    )  # fmt: skip


def test_a_newcomer_gets_the_place_of_the_longest_silent(places):
    before = [*connect("a", "b"), *greet("a"), ["wait", 5000], *greet("b")]
    clients, said = newcomer(places, before, QUIET - 2000)
    assert clients["a"][1] and not clients["b"][1]
    assert clients["new"] == (["ISSE,SECoP,V2019-09-16,v1.0"], False)
    assert len(said) == 1 and mentions(said[0], "silent")


def test_nobody_loses_its_place_before_its_time(places):
    before = [*connect("a", "b"), *greet("a", "b")]
    clients, said = newcomer(places, before, QUIET - 2000)
    assert not clients["a"][1] and not clients["b"][1] and not said
    lines, closed = clients["new"]
    assert closed and error_class(lines[0]) == "Impossible" and "2 clients" in lines[0] and len(lines) == 1


def test_who_is_active_or_listens_or_waits_keeps_its_place(places):
    before = [
        *connect("a", "b", "c"), ["send", "a", "activate lamp\n"], ["send", "b", 'logging lamp "error"\n'],
        ["send", "c", "change lamp:target 100\n"],
    ]  # fmt: skip
    clients, said = newcomer(places, before, QUIET + 10000, clients=3)
    assert not any(clients[name][1] for name in "abc") and not said
    assert clients["new"][1]


def test_who_does_not_read_keeps_its_place_until_its_own_time_out(places):
    before = [*connect("a", "b"), *greet("b"), ["stall", "a"], ["send", "a", "ping\n"]]
    clients, _ = newcomer(places, before, STALL - 5000)
    assert not clients["a"][1] and not clients["b"][1]


def test_who_never_spoke_goes_first(places):
    before = [*connect("a", "b", "c"), *greet("a"), ["send", "b", "x"], *greet("c")]
    clients, _ = newcomer(places, before, SILENT - 2000, clients=3)
    assert not any(clients[name][1] for name in "abc")
    clients, _ = newcomer(places, before, SILENT + 2000, clients=3)
    assert [clients[name][1] for name in "abc"] == [False, True, False]
    assert clients["new"][0] == ["ISSE,SECoP,V2019-09-16,v1.0"]


def test_a_flood_of_connects_takes_no_place_of_who_spoke(places):
    """Connections that say nothing, rubbish, or leave at once: the quiet client and its place stay."""
    before = [*connect("a", "b"), *greet("a", "b"), ["wait", QUIET + 10000]]
    flood = []
    for i in range(40):
        name = f"flood{i}"
        flood += connect(name)
        flood.append((["leave", name], ["send", name, "GET / HTTP/1.1\r\n\r\n"], ["send", name, "*ID"], ["wait", 1000])[i % 4])
    clients, said = happen(places, *before, *flood, ["settle", 1500], ["send", "a", "ping x\n"])
    assert not clients["a"][1] and not clients["b"][1] and not said
    assert clients["a"][0][-1].startswith("pong x ")
    refused = [clients[f"flood{i}"] for i in range(40)]
    assert all(closed and len(lines) <= 1 for lines, closed in refused)


def test_a_promised_place_goes_to_nobody_else(places):
    """Of several newcomers at once one gets the place; those who do not speak SECoP get none."""
    before = [*connect("a"), *greet("a"), ["wait", QUIET + 10000]]
    crowd = [*connect("m", "n", "o"), ["send", "o", "*IDN?\n"], ["send", "m", "hello\n"], ["send", "n", "hello\n"]]
    clients, _ = happen(places, *before, *crowd, ["settle", 1500], clients=1)
    served = [name for name in "mno" if clients[name][0] and clients[name][0][0].startswith("ISSE")]
    assert served in ([], ["o"])
    assert clients["a"][1] == (served == ["o"])
    assert all(clients[name][1] for name in "mn")


def test_who_speaks_in_time_keeps_its_place(places):
    """The quiet one says something while the newcomer is still silent."""
    before = [*connect("a"), *greet("a"), ["wait", QUIET + 10000]]
    events = [*before, *connect("new"), ["settle", 200], ["send", "a", "ping x\n"], ["settle", 50], *greet("new")]
    clients, said = happen(places, *events, ["settle", 700], clients=1)
    assert not clients["a"][1] and clients["new"][1] and not said


def test_the_first_words_of_a_newcomer_are_not_lost(places):
    before = [*connect("a"), *greet("a")]
    clients, _ = newcomer(places, before, QUIET + 5000, "*IDN?\nping x\nread lamp:target\n", clients=1)
    assert [line.split(" ")[0] for line in clients["new"][0]] == ["ISSE,SECoP,V2019-09-16,v1.0", "pong", "reply"]
