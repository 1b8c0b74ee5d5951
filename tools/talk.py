"""Talk to a SEC node: an interactive prompt."""


def add_arguments(parser):
    parser.add_argument("address", nargs="?", default="127.0.0.1:10767")


def main(args):
    raise NotImplementedError
