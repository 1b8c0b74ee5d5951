"""What was found of a node: each with where, what is wrong in words, and the section of the specification that says so."""

from typing import NamedTuple

ERROR = "error"  # against a must of the specification
WARNING = "warning"  # against a should, or what common clients break at
NOTE = "note"  # allowed, and worth knowing
LEVELS = (ERROR, WARNING, NOTE)


class Finding(NamedTuple):
    level: str
    where: str
    text: str
    section: str

    def words(self, others=0):
        """In a line; `others` is at how many more places the same was found."""
        where = f"{self.where}: " if self.where else ""
        more = f" [and at {others} more]" if others else ""
        return f"{self.level:8}{where}{self.text}{more}  ({self.section})"


class Findings:
    """All that was found, and how much was looked at. The same is said once."""

    def __init__(self):
        self.looked = 0
        self._found = {}

    def check(self, good, where, text, section, level=ERROR):
        """Note that something was looked at, and where it is not good what is wrong; gives whether it is good."""
        self.looked += 1
        if not good:
            self.add(level, where, text, section)
        return bool(good)

    def add(self, level, where, text, section):
        finding = Finding(level, where, text, section)
        self._found.setdefault(finding, None)

    def lines(self, *levels):
        """What was found at some levels, a line each; what is the same in many places is one line."""
        groups = {}
        for finding in self.of(*levels):
            groups.setdefault((finding.level, finding.text, finding.section), []).append(finding)
        return [found[0].words(len(found) - 1) for found in groups.values()]

    def of(self, *levels):
        return [finding for level in levels for finding in self._found if finding.level == level]

    def summary(self):
        counts = [(len(self.of(level)), level) for level in LEVELS]
        return f"{self.looked} checks: " + ", ".join(f"{n} {level}{'' if n == 1 else 's'}" for n, level in counts)
