"""Calls through libvirt's C client, for side.ts: python.py WORK COUNT URI, with COUNT threads."""

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import libvirt

[work, count, uri] = sys.argv[1:]
count = int(count)
pool = ThreadPoolExecutor(count)


def in_turn(once, until):
    done = 0
    while True:
        done += once()
        if time.perf_counter() >= until:
            return done


def calls(call):
    def once():
        call()
        return 1

    if count == 1:
        return lambda until: in_turn(once, until)
    return lambda until: sum(pool.map(lambda _: in_turn(once, until), range(count)))


def all_xml(connection):
    domains = connection.listAllDomains()
    described = map if count == 1 else pool.map
    for _ in described(lambda domain: domain.XMLDesc(), domains):
        pass
    return len(domains)


def connect_and_call():
    connection = libvirt.open(uri)
    connection.getLibVersion()
    connection.close()
    return 1


class Events:
    """Counts what comes while it is asked to; libvirt delivers on a thread that runs its event loop."""

    def __init__(self):
        libvirt.virEventRegisterDefaultImpl()
        threading.Thread(target=self.deliver, daemon=True).start()
        self.connection = libvirt.open(uri)
        self.count = 0

    def deliver(self):
        while True:
            libvirt.virEventRunDefaultImpl()

    def came(self, *_):
        self.count += 1

    def __call__(self, until):
        self.count = 0
        lifecycle = libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE
        callback = self.connection.domainEventRegisterAny(None, lifecycle, self.came, None)
        time.sleep(until - time.perf_counter())
        self.connection.domainEventDeregisterAny(callback)
        return self.count


def chosen():
    if work == "connect":
        return lambda until: in_turn(connect_and_call, until)
    if work == "events":
        return Events()
    connection = libvirt.open(uri)
    if work == "getLibVersion":
        return calls(connection.getLibVersion)
    if work == "getInfo":
        return calls(connection.lookupByName("test").info)
    return {
        "list": lambda until: in_turn(lambda: len(connection.listAllDomains()), until),
        "listXML": lambda until: in_turn(lambda: all_xml(connection), until),
        "stats": lambda until: in_turn(lambda: len(connection.getAllDomainStats()), until),
    }[work]


slice_of_work = chosen()
for line in sys.stdin:
    cpu = time.process_time()
    start = time.perf_counter()
    items = slice_of_work(start + float(line) / 1000)
    ms = (time.perf_counter() - start) * 1000
    cpu_ms = (time.process_time() - cpu) * 1000
    print(json.dumps({"items": items, "ms": ms, "cpuMs": cpu_ms}), flush=True)
