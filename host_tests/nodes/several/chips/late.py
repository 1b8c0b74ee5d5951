from .address import ADDRESS

TEXT = "late, for %d" % ADDRESS
