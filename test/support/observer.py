"""Prints the events that libvirt's C client receives, for observer.ts: a JSON object a line, in the order they come.

The command line has a URI and a JSON list of what to register for: [[CLASS, EVENT], ...], where EVENT is libvirt's number,
or for the class "qemu" a name or null. The first line is {"registered": [...]}: for each null, or the error's code and
domain. Each event is {"event": [CLASS, EVENT], "object": {...}, "arguments": [...]}. The end of the input ends it.
"""

import json
import sys

import libvirt
import libvirt_qemu

OBJECTS = {
    "domain": lambda it: {"name": it.name(), "uuid": it.UUIDString(), "id": it.ID()},
    "network": lambda it: {"name": it.name(), "uuid": it.UUIDString()},
    "storagePool": lambda it: {"name": it.name(), "uuid": it.UUIDString()},
    "nodeDevice": lambda it: {"name": it.name()},
    "secret": lambda it: {"uuid": it.UUIDString(), "usageType": it.usageType(), "usageID": it.usageID()},
}
OBJECTS["qemu"] = OBJECTS["domain"]


def received(conn, it, *arguments):
    kind, event = arguments[-1]
    line = {"event": [kind, event], "object": OBJECTS[kind](it), "arguments": arguments[:-1]}
    print(json.dumps(line), flush=True)


def register(conn, kind, event):
    opaque = [kind, event]
    if kind == "qemu":
        libvirt_qemu.qemuMonitorEventRegister(conn, None, event, received, opaque, 0)
    else:
        getattr(conn, kind + "EventRegisterAny")(None, event, received, opaque)


def outcome(conn, kind, event):
    try:
        register(conn, kind, event)
    except libvirt.libvirtError as error:
        return [error.get_error_code(), error.get_error_domain()]



libvirt.virEventRegisterDefaultImpl()
libvirt.registerErrorHandler(lambda context, error: None, None)
conn = libvirt.open(sys.argv[1])
print(json.dumps({"registered": [outcome(conn, *one) for one in json.loads(sys.argv[2])]}), flush=True)

ended = []
hang_up = libvirt.VIR_EVENT_HANDLE_READABLE | libvirt.VIR_EVENT_HANDLE_HANGUP
libvirt.virEventAddHandle(sys.stdin.fileno(), hang_up, lambda *event: ended.append(True), None)
while not ended:
    libvirt.virEventRunDefaultImpl()
