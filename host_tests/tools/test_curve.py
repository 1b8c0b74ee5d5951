"""`secnode curve`: what a calibration's file says, and where it makes no sense."""

import importlib.util

import pytest

from host_tests.harness import mentions
from tools import __main__ as program
from tools import paths

HEAD = """Sensor Model:   CX-1050-SD
Serial Number:  X23517
Data Format:    {format}      ({words})
SetPoint Limit: 325.      (Kelvin)
Temperature coefficient:  {coefficient}
Number of Breakpoints:   {points}

No.   Units      Temperature (K)

"""
CERNOX = [(1.7, 325), (1.9, 200), (2.5, 40), (3.1, 10), (3.9, 1.4)]
DIODE = [(0.09, 475), (0.5597, 300), (1.0205, 77.35), (1.1, 28), (1.6, 4.2)]


def written(tmp_path, points, format=4, words="Log Ohms/Kelvin", coefficient="1 (Negative)", name="X23517.340", **more):
    text = HEAD.format(**{"format": format, "words": words, "coefficient": coefficient, "points": len(points)} | more)
    path = tmp_path / name
    path.write_text(text + "".join(f"  {i}  {x:.6f}   {t:.4f}\n" for i, (x, t) in enumerate(points, 1)))
    return path


def made(path, capsys, *words):
    code = program.main(["curve", str(path), *words])
    out, err = capsys.readouterr()
    assert (code, err) == (0, ""), err
    spec = importlib.util.spec_from_file_location("made", out.partition(":")[0])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, out


@pytest.fixture(autouse=True)
def on_the_path(monkeypatch):
    for path in (paths.SHIMS, paths.FIRMWARE):
        monkeypatch.syspath_prepend(str(path))
    import cpython  # noqa: F401 - it has effects alone


@pytest.mark.parametrize(
    ("format", "words", "points", "coefficient", "unit", "at"),
    [
        (1, "mV/K", [(-6, 4), (0, 273.15), (20, 700)], "2 (Positive)", "V", (0.010, 486.575)),
        (2, "V/K", DIODE, "1 (Negative)", "V", (1.06025, 52.675)),
        (3, "Ohms/K", [(18.52, 73.15), (100, 273.15)], "2 (Positive)", "Ohm", (59.26, 173.15)),
        (4, "Log Ohms/Kelvin", CERNOX, "1 (Negative)", "Ohm", (10**2.8, 25)),
        (5, "Log Ohms/Log Kelvin", [(3, 2), (5, -1)], "1 (Negative)", "Ohm", (1e4, 10**0.5)),
    ],
)
def test_formats_of_340(tmp_path, capsys, format, words, points, coefficient, unit, at):
    module, out = made(written(tmp_path, points, format, words, coefficient), capsys)
    assert f"{tmp_path / 'x23517.py'}: {len(points)} points" in out and "from x23517 import curve" in out
    assert module.curve.unit == unit
    assert module.curve.kelvin(at[0]) == pytest.approx(at[1], rel=1e-6)
    assert module.__doc__ == "Calibration of CX-1050-SD X23517."


@pytest.mark.parametrize(
    ("text", "unit", "value", "kelvin"),
    [
        ("T [K],R [Ohm]\n300,60\n4.2,6000\n77,200\n", "Ohm", 200, 77),
        ("R/kΩ;T/°C\n10,000;25,0\n32,65;0\n", "Ohm", 32650, 273.15),
        ("# our diode\n\nno.,temperature (K),voltage (mV),when\n1,300,519.1,May\n2,77,1025.4,May\n", "V", 1.0254, 77),
        ("log10(R/Ohm)\tT/K\n3\t100\n5\t0.1\n", "Ohm", 1e4, 10**0.5),
        ("T [degC],R [Ohm]\n0,100\n100,138.51\n", "Ohm", 119.255, 323.15),
    ],
)
def test_csv(tmp_path, capsys, text, unit, value, kelvin):
    path = tmp_path / "our sensor.csv"
    path.write_text(text, "utf-8")
    module, out = made(path, capsys)
    assert (tmp_path / "our_sensor.py").is_file()
    assert module.curve.unit == unit
    assert module.curve.kelvin(value) == pytest.approx(kelvin, rel=1e-6)


def refused(path, capsys, *words):
    before = sorted(path.parent.iterdir())
    assert program.main(["curve", str(path), *words]) == 2
    out, err = capsys.readouterr()
    assert out == "" and sorted(path.parent.iterdir()) == before
    return err.strip().removeprefix("secnode curve: ").replace(str(path), "FILE")


def told(path, capsys, place, *named):
    said = refused(path, capsys)
    assert said.startswith(place) and mentions(said, *named)


@pytest.mark.parametrize(
    ("changed", "place", "named"),
    [
        ({"points": [(1.7, 325), (1.9, 200), (2.5, 210)]}, "FILE, line 12, column 3: ", ("temperature",)),
        ({"points": [(1.7, 325), (1.9, 200), (1.9, 100)]}, "FILE, line 12, column 2: ", ("value", "twice")),
        ({"points": [(1.7, 325), (1.9, 200), (2.0, 200)]}, "FILE, line 12, column 3: ", ("temperature",)),
        ({"points": [(1.7, 325), (1.9, 0)]}, "FILE, line 11, column 3: ", ("0 K",)),
        ({"points": [(1.7, 325), (13, 2)]}, "FILE, line 11: ", ("13", "2", "Ohm", "K")),
        ({"points": [(1.7, 325)]}, "FILE ", ("1 point",)),
        ({"points": []}, "FILE ", ("no points",)),
        ({"format": 6}, "FILE, line 3: ", ("'6      (Log Ohms/Kelvin)'", "1 to 5")),
        ({"coefficient": "2 (Positive)"}, "FILE: ", ("coefficient", "positive", "negative")),
    ],
)
def test_what_is_no_340(tmp_path, capsys, changed, place, named):
    told(written(tmp_path, **{"points": CERNOX} | changed), capsys, place, *named)


def test_a_file_that_was_cut_off(tmp_path, capsys):
    path = written(tmp_path, CERNOX)
    whole = path.read_text()
    path.write_text(whole[:-1].rpartition("\n")[0] + "\n")
    told(path, capsys, "FILE, line 6: ", "5", "4")
    path.write_text(whole.replace("  4  3.100000   10.0000\n", ""))
    told(path, capsys, "FILE, line 13, column 1: ", "5", "4")
    path.write_text(whole.replace("3.100000   10", "3.1oo   10"))
    told(path, capsys, "FILE, line 13, column 2: ", "'3.1oo'")
    path.write_text(whole.partition("No.")[0])
    told(path, capsys, "FILE ", ".340", "`No.`")
    path.write_bytes(b"\0\1\2" * 100)
    told(path, capsys, "FILE ", "text")
    path.write_text(whole.replace("Data Format", "Format"))
    told(path, capsys, "FILE: ", "header", "`Data Format:`")


@pytest.mark.parametrize(
    ("text", "place", "named"),
    [
        ("", "FILE ", ("empty",)),
        ("300,60\n4.2,6000\n", "FILE, line 1: ", ("column", "temperature", "sensor")),
        ("T [K],T [°C],R [Ohm]\n1,2,3\n", "FILE, line 1: ", ("column", "temperature", "sensor")),
        ("T [K],R [Ohm]\n300,60\n4.2\n", "FILE, line 3, column 2: ", ("nothing",)),
        ("T [K],R [Ohm]\n300,60\n4.2,nan\n", "FILE, line 3, column 2: ", ("'nan'",)),
        ("T [K],R [Ohm]\n300,60\n4.2,1e999\n", "FILE, line 3, column 2: ", ("'1e999'",)),
        ("T [K],R [Ohm]\n300,60\n4.2,0\n", "FILE, line 3, column 2: ", ("0 Ohm",)),
        ("T [K],R [Ohm]\n300,60\n70,90\n100,100\n", "FILE, line 4, column 1: ", ("temperature",)),
        ("T [°C],V [V]\n-300,1\n0,0\n", "FILE, line 2, column 1: ", ("-26.85 K",)),
        ("T [K],V [V]\n1,0.1\n2,0.1000000001\n", "FILE, line 3, column 2: ", ("0.1",)),
    ],
)
def test_what_is_no_csv(tmp_path, capsys, text, place, named):
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    told(path, capsys, place, *named)


def test_too_many_points(tmp_path, capsys):
    points = [(i + 1, 325 - i / 10) for i in range(1001)]
    told(written(tmp_path, points, 3, "Ohms/K"), capsys, "FILE ", "1001 points", "1000")


def test_what_a_file_says_is_text(tmp_path, capsys):
    path = written(tmp_path, CERNOX)
    path.write_text(path.read_text().replace("X23517\n", 'X"""\\\x1b[31m\u2028import os\n'), "utf-8")
    module, _ = made(path, capsys)
    assert module.__doc__ == "Calibration of CX-1050-SD X?????[31m?import os." and not hasattr(module, "os")


def test_where_it_goes(tmp_path, capsys):
    path = written(tmp_path, CERNOX, name="23517.340")
    made(path, capsys)
    made(path, capsys)  # anew, over what it has made
    assert (tmp_path / "curve_23517.py").is_file()
    made(path, capsys, "--output", str(tmp_path / "cernox.py"))
    (tmp_path / "mine.py").write_text("x = 1\n")
    for target in ("mine.py", "class.py", "settings.py", "absent/x.py"):
        assert target.removesuffix(".py") in refused(path, capsys, "--output", str(tmp_path / target))
    told(tmp_path / "absent.340", capsys, "FILE ", "No such file")
