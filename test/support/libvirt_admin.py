"""libvirt's administration API, which Debian has no Python binding of: as much of one as differential.py needs."""

import ctypes

import libvirt

admin = ctypes.CDLL("libvirt-admin.so.0")


class TypedParameter(ctypes.Structure):
    class Value(ctypes.Union):
        _fields_ = [
            ("i", ctypes.c_int),
            ("ui", ctypes.c_uint),
            ("l", ctypes.c_longlong),
            ("ul", ctypes.c_ulonglong),
            ("d", ctypes.c_double),
            ("b", ctypes.c_char),
            ("s", ctypes.c_char_p),
        ]

    _fields_ = [("field", ctypes.c_char * 80), ("type", ctypes.c_int), ("value", Value)]
    MEMBERS = {1: "i", 2: "ui", 3: "l", 4: "ul", 5: "d", 6: "b", 7: "s"}
    UINT = 2

    def decode(self):
        value = getattr(self.value, self.MEMBERS[self.type])
        return value.decode() if self.type == 7 else value != b"\0" if self.type == 6 else value


CloseCallback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)

# What C's functions return, where it is no int.
for name in ("ConnectOpen", "ConnectLookupServer", "ServerLookupClient"):
    getattr(admin, f"virAdm{name}").restype = ctypes.c_void_p
for name in ("ConnectGetURI", "ServerGetName"):
    getattr(admin, f"virAdm{name}").restype = ctypes.c_char_p
admin.virAdmClientGetID.restype = ctypes.c_ulonglong
admin.virAdmClientGetTimestamp.restype = ctypes.c_longlong


def checked(result):
    if result is None or result == -1:
        raise libvirt.libvirtError("virAdm")
    return result


def parameters(function, pointer, flags):
    params, count = ctypes.POINTER(TypedParameter)(), ctypes.c_int()
    checked(function(pointer, ctypes.byref(params), ctypes.byref(count), flags))
    return {params[i].field.decode(): params[i].decode() for i in range(count.value)}


def set_parameters(function, pointer, values, flags):
    params = (TypedParameter * len(values))()
    for param, (field, value) in zip(params, values.items()):
        param.field, param.type, param.value.ui = field.encode(), TypedParameter.UINT, value
    return checked(function(pointer, params, len(values), flags))


def objects(function, pointer, kind, flags):
    array = ctypes.POINTER(ctypes.c_void_p)()
    count = checked(function(pointer, ctypes.byref(array), flags))
    return [kind(array[i]) for i in range(count)]


def text(function, pointer, flags):
    """For an out-parameter that is a string."""
    result = ctypes.c_char_p()
    checked(function(pointer, ctypes.byref(result), flags))
    return result.value and result.value.decode()


def open(uri):
    return virAdminConnection(checked(admin.virAdmConnectOpen(uri.encode(), 0)))


class Handle:
    def __init__(self, pointer):
        self.pointer = ctypes.c_void_p(pointer)


class virAdminConnection(Handle):
    def close(self):
        return checked(admin.virAdmConnectClose(self.pointer))

    def isAlive(self):
        return checked(admin.virAdmConnectIsAlive(self.pointer))

    def getURI(self):
        return checked(admin.virAdmConnectGetURI(self.pointer)).decode()

    def getLibVersion(self):
        version = ctypes.c_ulonglong()
        checked(admin.virAdmConnectGetLibVersion(self.pointer, ctypes.byref(version)))
        return version.value

    def listServers(self, flags):
        return objects(admin.virAdmConnectListServers, self.pointer, virAdminServer, flags)

    def lookupServer(self, name, flags):
        return virAdminServer(checked(admin.virAdmConnectLookupServer(self.pointer, name.encode(), flags)))

    def getLoggingOutputs(self, flags):
        return text(admin.virAdmConnectGetLoggingOutputs, self.pointer, flags)

    def getLoggingFilters(self, flags):
        return text(admin.virAdmConnectGetLoggingFilters, self.pointer, flags)

    def setLoggingOutputs(self, outputs, flags):
        return checked(admin.virAdmConnectSetLoggingOutputs(self.pointer, outputs and outputs.encode(), flags))

    def setLoggingFilters(self, filters, flags):
        return checked(admin.virAdmConnectSetLoggingFilters(self.pointer, filters and filters.encode(), flags))

    def setDaemonTimeout(self, timeout, flags):
        return checked(admin.virAdmConnectSetDaemonTimeout(self.pointer, timeout, flags))

    def registerCloseCallback(self):
        self.callback = CloseCallback(lambda *_: None)
        return checked(admin.virAdmConnectRegisterCloseCallback(self.pointer, self.callback, None, None))

    def unregisterCloseCallback(self):
        return checked(admin.virAdmConnectUnregisterCloseCallback(self.pointer, self.callback))


class virAdminServer(Handle):
    def getName(self):
        return checked(admin.virAdmServerGetName(self.pointer)).decode()

    def listClients(self, flags):
        return objects(admin.virAdmServerListClients, self.pointer, virAdminClient, flags)

    def lookupClient(self, number, flags):
        client = admin.virAdmServerLookupClient(self.pointer, ctypes.c_ulonglong(number), flags)
        return virAdminClient(checked(client))

    def getThreadPoolParameters(self, flags):
        return parameters(admin.virAdmServerGetThreadPoolParameters, self.pointer, flags)

    def setThreadPoolParameters(self, values, flags):
        return set_parameters(admin.virAdmServerSetThreadPoolParameters, self.pointer, values, flags)

    def getClientLimits(self, flags):
        return parameters(admin.virAdmServerGetClientLimits, self.pointer, flags)

    def setClientLimits(self, values, flags):
        return set_parameters(admin.virAdmServerSetClientLimits, self.pointer, values, flags)

    def updateTlsFiles(self, flags):
        return checked(admin.virAdmServerUpdateTlsFiles(self.pointer, flags))


class virAdminClient(Handle):
    def getID(self):
        return admin.virAdmClientGetID(self.pointer)

    def getTimestamp(self):
        return admin.virAdmClientGetTimestamp(self.pointer)

    def getTransport(self):
        return admin.virAdmClientGetTransport(self.pointer)

    def getInfo(self, flags):
        return parameters(admin.virAdmClientGetInfo, self.pointer, flags)

    def close(self, flags):
        return checked(admin.virAdmClientClose(self.pointer, flags))
