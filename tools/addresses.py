"""The addresses of this machine: those of its networks, and those where something of it can be reached."""

import ipaddress
import socket

from .problem import Problem


def check_port(host, port, host_option="HOST=", port_option="PORT="):
    """Tell what is wrong with an address before the node does; the options are those by which a user sets it."""
    given_host, given_port = f"{host_option}{host}", f"{port_option}{port}"
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(address)
            s.listen()
    except (socket.gaierror, UnicodeError):
        raise Problem(f"{given_host} is no address of this machine: take 127.0.0.1, or 0.0.0.0 for all networks") from None
    except PermissionError:
        raise Problem(f"{given_port} needs root: take one above 1023") from None
    except OSError as e:
        if e.errno == 98:
            raise Problem(f"port {port} is taken: end what listens there, or choose another one with {port_option}") from None
        raise Problem(f"can't listen on {given_host} {given_port}: {e.strerror}") from None


def broadcast():
    """By which all of each network are reached that this machine is in, beside those that the system knows. Raises Problem."""
    try:
        import psutil
    except ImportError:
        raise Problem("this needs the Python package psutil: in a checkout `make discover` prepares it") from None
    found = {"255.255.255.255": None, "127.255.255.255": None}
    for interface in psutil.net_if_addrs().values():
        for address in interface:
            if address.family == socket.AF_INET and address.netmask:
                network = ipaddress.IPv4Network((address.address, address.netmask), strict=False)
                if network.prefixlen < 31:  # between two there is nobody else to reach
                    found[address.broadcast or str(network.broadcast_address)] = None
    return list(found)
