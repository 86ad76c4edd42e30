"""Does what a program with libvirt-python does, and prints what it saw as JSON: client.py URI [NAME PASSWORD].

It watches a domain start and stop, talks on its console, takes a volume there and back, and asks for what there is not.
"""

import json
import os
import sys
import threading

import libvirt

uri, *login = sys.argv[1:]
seen = {}


def answer(credentials, _opaque):
    for credential in credentials:
        credential[4] = login[0] if credential[0] == libvirt.VIR_CRED_AUTHNAME else login[1]
    return 0


def error_of(act):
    try:
        act()
    except libvirt.libvirtError as error:
        return [error.get_error_code(), error.get_error_domain(), error.get_error_message()]
    return None


libvirt.registerErrorHandler(lambda *_: None, None)
libvirt.virEventRegisterDefaultImpl()
kinds = [libvirt.VIR_CRED_AUTHNAME, libvirt.VIR_CRED_PASSPHRASE]
connection = libvirt.openAuth(uri, [kinds, answer, None], 0)
connection.setKeepAlive(1, 3)

events = []
connection.domainEventRegisterAny(
    None,
    libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
    lambda _connection, domain, event, detail, _opaque: events.append([domain.name(), event, detail]),
    None,
)

seen["type"] = connection.getType()
seen["hostname"] = connection.getHostname()
seen["alive"] = connection.isAlive()
seen["domains"] = [domain.name() for domain in connection.listAllDomains()]


def work():
    domain = connection.lookupByName("web")
    domain.create()
    seen["running"] = domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING
    domain.destroy()
    seen["again"] = error_of(domain.destroy)
    seen["unknown"] = error_of(lambda: connection.lookupByName("nope"))
    seen["unsupported"] = error_of(connection.getInfo)

    console = connection.newStream()
    domain.openConsole(None, console)
    console.send(b"hello")
    seen["console"] = console.recv(100).decode()
    console.finish()

    volume = connection.storagePoolLookupByName("pool").storageVolLookupByName("disk")
    data = os.urandom(1_000_000)
    upload = connection.newStream()
    volume.upload(upload, 0, len(data))
    upload.sendAll(lambda _stream, count, position: advance(data, count, position), [0])
    upload.finish()
    received = []
    download = connection.newStream()
    volume.download(download, 0, 0)
    download.recvAll(lambda _stream, piece, _opaque: received.append(piece) and None, None)
    download.finish()
    seen["volume"] = b"".join(received) == data

    aborted = connection.newStream()
    volume.download(aborted, 0, 0)
    aborted.recv(10)
    aborted.abort()

    pieces = []
    sparse = connection.newStream()
    volume.download(sparse, 0, 0, libvirt.VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM)
    sparse.sparseRecvAll(
        lambda _stream, piece, _opaque: pieces.append(len(piece)) and None,
        lambda _stream, length, _opaque: pieces.append(["hole", length]) and None,
        None,
    )
    sparse.finish()
    seen["sparse"] = [sum(piece for piece in pieces if isinstance(piece, int)), pieces[-1]]


def advance(data, count, position):
    start = position[0]
    position[0] += count
    return data[start : start + count]


worker = threading.Thread(target=work)
worker.start()
timer = libvirt.virEventAddTimeout(100, lambda *_: None, None)
while worker.is_alive() or len(events) < 2:
    libvirt.virEventRunDefaultImpl()
worker.join()
seen["events"] = events
connection.close()
print(json.dumps(seen))
