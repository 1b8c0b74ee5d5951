"""What is done to the firmware for a small heap leaves it the same program, line for line."""

import ast
import subprocess
import sys

import pytest

from tools.common import image, names, shake, texts

NODES = image.node_names()


def contents(**files):
    return {name.replace("__", "/") + ".py": source.encode() for name, source in files.items()}


def lines_of(source):
    return [(type(n).__name__, n.lineno) for n in ast.walk(ast.parse(source)) if isinstance(n, ast.stmt | ast.Call)]


@pytest.mark.parametrize("node", NODES)
def test_every_line_of_the_firmware_stays_where_it_was(node):
    before = image.files(node)
    shaken = shake.shaken(before)
    for name, content in shaken.items():
        if name.endswith(".py"):
            assert len(content.splitlines()) == len(before[name].splitlines()), name
            kept = [(kind, line) for kind, line in lines_of(content) if kind not in ("Pass", "Import", "ImportFrom")]
            assert set(kept) <= set(lines_of(before[name])), name
    short = names.shortened(shaken)
    for name, content in short.items():
        assert lines_of(content) == lines_of(shaken[name]) if name.endswith(".py") else content == shaken[name]
    for name, content in texts.taken_out(short).items():
        if name.endswith(".py"):
            assert len(content.splitlines()) == len(before[name].splitlines()), name
            ast.parse(content)


@pytest.mark.parametrize("node", NODES)
def test_it_is_smaller_and_stable(node):
    before, after = image.files(node), image.slimmed(image.files(node))
    assert sum(map(len, after.values())) < sum(map(len, before.values()))
    assert after == image.slimmed(image.files(node))
    assert after["description.json"] == before["description.json"] and after["stamp.py"] == before["stamp.py"]
    assert "secnode/texts.py" in after and after["texts"]


# ---- what is not used


def shaken(**files):
    found = shake.shaken(contents(**files))
    return {name: content.decode() for name, content in found.items()}


def test_what_nobody_names_goes_and_what_somebody_names_stays():
    library = "from sensors import one\nX = 1\nY = 2\n\n\ndef used():\n    return X\n\n\ndef unused():\n    return one\n"
    found = shaken(main="import library\nlibrary.used()\n", library=library, sensors="one = 1\n", other="z = 1\n")
    assert set(found) == {"main.py", "library.py"}
    assert found["library.py"].split() == ["pass", "X", "=", "1", "def", "used():", "return", "X"]


METHODS = """
class A:
    def __init__(self):
        self.f()

    def f(self):
        pass

    @property
    def g(self):
        pass
"""


def test_methods_of_a_class_that_is_used():
    found = shaken(main="from a import A\nA()\n", a=METHODS)["a.py"]
    assert "def __init__" in found and "def f" in found and "property" not in found and "def g" not in found


def test_a_name_that_is_put_together_counts():
    source = "class A:\n    def read_x(self):\n        pass\n\n    def write_x(self):\n        pass\n"
    found = shaken(main='from a import A\ngetattr(A(), "read_" + name)\n', a=source)["a.py"]
    assert "read_x" in found and "write_x" not in found


def test_what_is_imported_for_its_effects_or_for_others_stays():
    found = shaken(
        main="import effects\nimport names\n\nnames.two\n",
        effects="import one\n",
        names='from one import two\n__all__ = ("two",)\n',
        one="two = 2\n",
    )
    assert "import one" in found["effects.py"] and "import two" in found["names.py"] and "two = 2" in found["one.py"]


def test_an_import_inside_a_function_counts():
    found = shaken(
        main="def run():\n    from p import late\n    late.go()\n\n\nrun()\n", p__late="def go():\n    pass\n", p__init=""
    )
    assert "def go" in found["p/late.py"] and "p/init.py" not in found


def test_no_class_is_left_empty():
    found = shaken(main="from a import A\nA\n", a="class A:\n    def f(self):\n        return 1\n")["a.py"]
    assert found == "class A:\n    pass\n\n"


# ---- texts


TEXTS = '''"""Doc string."""
T = "a text of a module"


def f(x, y="a text of a default"):
    """Doc string."""
    raise E("this is %s the "
        "matter" % x, "short one", "nowordsbutlong", f"not {x} of these", b"nor bytes of these")
'''


def test_texts_go_into_a_file():
    found = texts.taken_out(contents(m=TEXTS))
    code = found["m.py"].decode()
    assert code.splitlines()[0] == '""; from secnode.texts import get as _text'
    assert "raise E(_text(0)\n % x" in code and code.count("_text(") == 1
    assert len(code.splitlines()) == len(TEXTS.splitlines())
    assert found["texts"] == b"\x15this is %s the matter"


def test_the_same_text_is_there_once():
    found = texts.taken_out(
        contents(a='""\n\n\ndef f():\n    return "the same text °"\n', b='""\n\n\ndef f():\n    return "the same text °"\n')
    )
    assert found["texts"] == b"\x10" + "the same text °".encode()


def test_a_text_is_found_in_its_file(tmp_path):
    (tmp_path / "texts").write_bytes(b"\x05first\x09second \xc2\xb0")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\nfrom secnode.texts import get\nprint(get(0), get(6), get(999), sep='|')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(image.paths.FIRMWARE)], cwd=tmp_path, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert done.stdout == "first|second °|text 999 is gone\n"


# ---- names

PROGRAMS = {
    "private attributes": """
class A:
    def __init__(self):
        self._first = 1
        self._second = 2

    def _sum(self):
        return self._first + self._second

    def total(self):
        return self._sum()


class B(A):
    def __init__(self):
        super().__init__()
        self._third = 3

    def total(self):
        return self._sum() + self._third + self._first


class C:
    def __init__(self):
        self._other = 5


def _number(value):
    return value + C()._other


result = A().total(), B().total(), _number(1)
""",
    "named in another way": """
class A:
    _shared = 7

    def __init__(self):
        self._by_string = 1
        self._of_another = 2
        self._own = 3

    def look(self, other):
        return getattr(self, "_by_string"), other._of_another, self._own, self._shared, A._shared


result = A().look(A())
""",
    "arguments": """
def plain(first, second=2, *rest, third=3, **more):
    first += 1
    return first, second, rest, third, more


def closure(first, second):
    def inner(third, a=5):
        return first + second + third + a

    return inner(1), (lambda x, first: first * x + second)(10, 20), [second for second in range(first)]


def caught(error, name):
    try:
        raise ValueError(name)
    except ValueError as error:
        return str(error), name


def default(value, other=len("four")):
    return (lambda value=value, key=other: (value, key))()


def shadow(list, items):
    a = b = 1
    return sum([a + b + x for x in items]), list


result = plain(1), plain(1, 5, 6, third=7, fourth=8), closure(3, 4), caught(1, "x"), default(9), shadow(1, [1, 2])
""",
    "by keyword": """
class Struct:
    def do_it(self, alpha, beta):
        return alpha - beta

    def check_it(self, alpha, beta):
        return alpha * beta

    def called(self, gamma, delta):
        return gamma + delta


values = {"alpha": 5, "beta": 3}
result = Struct().do_it(**values), Struct().check_it(**values), Struct().called(delta=1, gamma=2)
""",
    "globals and async": """
_count = 0


def bump(amount):
    global _count
    _count += amount
    return _count


class A:
    async def _run(self, session):
        return await self._wait(session)

    async def _wait(self, session):
        return session


def run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as e:
        return e.value


result = bump(2), bump(3), run(A()._run(4))
""",
}  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_short_names_mean_the_same(program):
    code = names.shortened(contents(m=program))["m.py"].decode()
    before, after = {}, {}
    exec(program, before)
    exec(code, after)
    assert after["result"] == before["result"]
    assert lines_of(code) == lines_of(program)


def test_names_become_short_and_are_shared():
    code = names.shortened(contents(m=PROGRAMS["private attributes"]))["m.py"].decode()
    assert (
        "_first" not in code and "_sum" not in code and "_third" not in code and "_number" not in code and "value" not in code
    )
    assert "_other" in code  # it is used of something that is no self
    assert "total" in code and "class A" in code and "result" in code


MODULE = """
class M(Module):
    _ramp = Parameter(1)

    def write__ramp(self, value):
        self._ramp = value
        self._step = 1
"""


def test_a_parameter_of_a_module_keeps_its_name():
    code = names.shortened(contents(m=MODULE))["m.py"].decode()
    assert code.count("_ramp") == 3 and "_step" not in code


BOARDS = """
import board


def open(everybody, other):
    return everybody, other


def unused():
    pass


open(**board.WAY)
"""


def test_what_the_board_names_stays():
    """board.py gives options as dicts, and its `machine` may call what it likes."""
    beside = ['WAY = {"everybody": 1, "other": 2}\n']
    code = names.shortened(shake.shaken(contents(main=BOARDS), beside), beside)["main.py"].decode()
    assert "def open(everybody, other)" in code and "unused" not in code
    assert "def unused" in shake.shaken(contents(main=BOARDS), ["main.unused"])["main.py"].decode()
