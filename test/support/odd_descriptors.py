"""Listens at FOLDER/KIND for each kind of descriptor, and answers each call there with a descriptor of that kind, or
sends it before there is any call where KIND ends in `-at-once`. Prints a line when it listens, and ends with its input.

    odd_descriptors.py FOLDER KIND...
"""

import contextlib
import ctypes
import os
import pty
import socket
import struct
import sys
import threading

libc = ctypes.CDLL(None)


def tcp():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return socket.create_connection(listener.getsockname()).detach()


KINDS = {
    "stream": lambda: socket.socketpair()[0].detach(),
    "tcp": tcp,
    "fifo": lambda: os.pipe()[0],
    "file": lambda: os.open(__file__, os.O_RDONLY),
    "memfd": lambda: os.memfd_create("memfd"),
    "null": lambda: os.open("/dev/null", os.O_RDWR),
    "terminal": lambda: pty.openpty()[1],
    "directory": lambda: os.open("/", os.O_RDONLY),
    "eventfd": lambda: libc.eventfd(0, 0),
    "timerfd": lambda: libc.timerfd_create(1, 0),
    "epoll": lambda: libc.epoll_create1(0),
    "pidfd": lambda: os.pidfd_open(os.getpid()),
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).detach(),
    "datagram": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].detach(),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).detach(),
}


def attach(peer, descriptor):
    socket.send_fds(peer, [b"\0"], [descriptor])
    os.close(descriptor)


def serve(listener, kind):
    peer, _ = listener.accept()
    name, _, at_once = kind.partition("-")
    if at_once:
        attach(peer, KINDS[name]())
    with contextlib.suppress(ConnectionError):
        answer_calls(peer, name)


def answer_calls(peer, name):
    while header := peer.recv(28, socket.MSG_WAITALL):
        length, program, version, procedure, _, serial, _ = struct.unpack(">7I", header)
        peer.recv(length - len(header), socket.MSG_WAITALL)
        reply_with_fds = 5
        peer.send(struct.pack(">8I", 32, program, version, procedure, reply_with_fds, serial, 0, 1))
        attach(peer, KINDS[name]())


folder, *kinds = sys.argv[1:]
for kind in kinds:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{folder}/{kind}")
    listener.listen()
    threading.Thread(target=serve, args=(listener, kind), daemon=True).start()
print("listening", flush=True)
sys.stdin.read()
