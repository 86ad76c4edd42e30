"""Small calls through libvirt's C client, one at a time, for side.ts: calls-python.py CALL URI"""

import json
import sys
import time

import libvirt


def in_turn(call, until):
    done = 0
    while True:
        call()
        done += 1
        if time.perf_counter() >= until:
            return done


[name, uri] = sys.argv[1:]
connection = libvirt.open(uri)
domain = connection.lookupByName("test")
call = {"getLibVersion": connection.getLibVersion, "getInfo": domain.info}[name]
for line in sys.stdin:
    cpu = time.process_time()
    start = time.perf_counter()
    items = in_turn(call, start + float(line) / 1000)
    ms = (time.perf_counter() - start) * 1000
    cpu_ms = (time.process_time() - cpu) * 1000
    print(json.dumps({"items": items, "ms": ms, "cpuMs": cpu_ms}), flush=True)
connection.close()
