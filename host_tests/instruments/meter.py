"""The voltmeter of docs/instruments.md and docs/compose.md."""

from tools.emulator import instruments


class Meter(instruments.Lines):
    """The one that the documents describe."""

    identity = "ACME,METER7,12,1.0"
    range = "0"

    def answer(self, request):
        if request == "MEAS? 1":
            return "+12.345"
        if request.startswith("RANGE "):
            self.range = request[6:]
            return None
        return self.range if request == "RANGE?" else super().answer(request)
