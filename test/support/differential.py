"""Runs calls of libvirt's C client for differential.ts: one JSON request a line in, one JSON answer a line out.

A request is {"target": HANDLE or null, "function": NAME, "arguments": [...]}; with no target the name is a module's
function ("libvirt.open"), and with one it may also be a function of C ("virDomainGetInfo"). The answer is
{"value": ...}, {"error": {FIELD: ...}} for an error of libvirt, or {"failure": TEXT}.

Values are JSON's own where nothing is lost, and otherwise an object with one member that says what it is:
{"int": "DECIMAL"}, {"bytes": "BASE64"}, {"dict": [[KEY, VALUE], ...]}, and in requests {"tuple": [...]}. Objects of
libvirt stay here: an answer has {"object": {"handle": HANDLE, ...}}, a request {"handle": HANDLE}. The command line
has a JSON table, {CLASS: {PROPERTY: METHOD}}, of what identifies an object.
"""

import base64
import functools
import importlib
import inspect
import json
import sys
import traceback

import libvirt

IDENTITIES = json.loads(sys.argv[1])
ERROR_FIELDS = ("code", "domain", "message", "level", "str1", "str2", "str3", "int1", "int2")
MAX_SAFE_INTEGER = 2**53 - 1
objects = {}
next_handle = 1


def encode(value):
    if value is None or isinstance(value, (bool, str, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= MAX_SAFE_INTEGER else {"int": str(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[str(key), encode(item)] for key, item in value.items()]}
    return {"object": encode_object(value)}


def encode_object(value):
    global next_handle
    handle = next_handle
    next_handle += 1
    objects[handle] = value
    name = type(value).__name__
    methods = IDENTITIES.get(name.removeprefix("vir"), {})
    identity = {key: getattr(value, method)() for key, method in methods.items()}
    return {"handle": handle, "class": name, "identity": encode(identity)}


def decode(value):
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    [(kind, content)] = value.items()
    if kind == "int":
        return int(content)
    if kind == "bytes":
        return base64.b64decode(content)
    if kind == "tuple":
        return tuple(decode(content))
    if kind == "dict":
        return {decode(key): decode(item) for key, item in content}
    return objects[content]


@functools.cache
def binding_of(kind, c_name):
    """The binding's function for one of C's: the one whose code names it, in the class or as a module's function."""
    homes = [kind, *map(importlib.import_module, ("libvirt", "libvirt_qemu", "libvirt_lxc"))]
    for home in homes:
        for name, candidate in inspect.getmembers(home, inspect.isfunction):
            if not name.startswith("__") and c_name in candidate.__code__.co_names:
                return candidate
    raise LookupError(f"{kind.__name__} has no method for {c_name}")


def function(request):
    name = request["function"]
    if request["target"] is not None:
        target = objects[request["target"]]
        if name.startswith("vir"):
            return functools.partial(binding_of(type(target), name), target)
        return getattr(target, name)
    module, _, name = name.rpartition(".")
    return getattr(importlib.import_module(module), name)


def answer(line):
    request = json.loads(line)
    try:
        arguments = [decode(argument) for argument in request["arguments"]]
        value = function(request)(*arguments)
        # Some of the binding's functions forget to raise.
        if value is None and libvirt.virGetLastError() is not None:
            raise libvirt.libvirtError(request["function"])
        return json.dumps({"value": encode(value)}, allow_nan=False)
    except libvirt.libvirtError as error:
        if error.err is not None:
            return json.dumps({"error": dict(zip(ERROR_FIELDS, error.err))})
        return json.dumps({"failure": str(error)})
    except Exception:
        return json.dumps({"failure": traceback.format_exc()})


# Errors are answered; the library would print them as well.
libvirt.registerErrorHandler(lambda context, error: None, None)
for line in sys.stdin:
    print(answer(line), flush=True)
