"""What a process of differential.py's needs for events: `start` before any connection, and recorders as callbacks."""

import threading

import libvirt


def start():
    """Has libvirt's event loop run beside the calls."""
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=run, daemon=True).start()


def run():
    while True:
        libvirt.virEventRunDefaultImpl()


class Recorder:
    """A callback that keeps what it is called with, less the connection before and the opaque value behind."""

    def __init__(self):
        self.events = []

    def __call__(self, conn, *arguments):
        self.events.append(arguments[:-1])

    def count(self):
        return len(self.events)

    def take(self):
        taken, self.events = self.events, []
        return taken
