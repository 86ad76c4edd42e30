"""What a program with libvirt-python sees of the test driver: client.py URI.

It does something with every kind of object, in the folder where the definitions are, and prints what came of each step,
and at last the events.
"""

import sys
import threading
import time

import libvirt

SNAPSHOT = "<domainsnapshot><name>first</name></domainsnapshot>"
CHECKPOINT = "<domaincheckpoint><name>begun</name></domaincheckpoint>"
HOST = "<host mac='52:54:00:00:00:02' name='a' ip='10.0.0.9'/>"
LAST = "<domain type='test'><name>the-last-one</name><memory>1</memory><os><type>hvm</type></os></domain>"


def read(name):
    with open(name + ".xml", encoding="utf8") as file:
        return file.read()


def take(step, act):
    """Takes a step and prints what came of it; objects by their names."""
    try:
        value = act()
    except libvirt.libvirtError as error:
        value = [error.get_error_code(), error.get_error_domain(), error.get_error_message()]
    print(step + ":", shown(value))


def shown(value):
    if isinstance(value, (list, tuple)):
        return [shown(each) for each in value]
    if hasattr(value, "getName"):
        return value.getName()
    return value.name() if hasattr(value, "name") else value


def names(objects):
    return sorted(shown(each) for each in objects)


def watch(conn, seen):
    """Notes every kind of event that a test driver has; returns what is set when the last domain is defined."""
    ended = threading.Event()

    def note(kind):
        return lambda _conn, thing, *details: seen.append([kind, shown(thing), *details[:-1]])

    def lifecycle(_conn, domain, event, detail, _opaque):
        if domain.name() == "the-last-one":
            ended.set()
        else:
            seen.append(["lifecycle", domain.name(), event, detail])

    conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lifecycle, None)
    conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, note("metadata"), None)
    conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, note("reboot"), None)
    conn.networkEventRegisterAny(None, libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE, note("network"), None)
    conn.storagePoolEventRegisterAny(None, libvirt.VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, note("pool"), None)
    conn.storagePoolEventRegisterAny(None, libvirt.VIR_STORAGE_POOL_EVENT_ID_REFRESH, note("refresh"), None)
    conn.nodeDeviceEventRegisterAny(None, libvirt.VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE, note("device"), None)
    return ended


def look_at_host(conn):
    take("type", conn.getType)
    take("host", conn.getHostname)
    take("info", conn.getInfo)
    take("capabilities", conn.getCapabilities)
    take("CPUs", conn.getCPUMap)
    take("cells", lambda: conn.getCellsFreeMemory(0, 2))
    take("memory", lambda: conn.getMemoryStats(libvirt.VIR_NODE_MEMORY_STATS_ALL_CELLS))
    take("alive, safe, encrypted", lambda: [conn.isAlive(), conn.isSecure(), conn.isEncrypted()])
    take("domains", lambda: names(conn.listAllDomains()))
    take("no such domain", lambda: conn.lookupByName("nobody"))
    take("no such flag", lambda: conn.listAllDomains(1 << 30))


def use_domains(conn):
    domain = conn.defineXML(read("web"))
    take("not running", domain.suspend)
    take("create", domain.create)
    take("create again", domain.create)
    take("state", domain.state)
    take("suspend", domain.suspend)
    take("resume", domain.resume)
    take("XML", lambda: domain.XMLDesc(0))
    take("XML of the next time", lambda: domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    take("memory", lambda: domain.setMemoryFlags(32768, libvirt.VIR_DOMAIN_AFFECT_LIVE))
    take("vCPUs", lambda: domain.setVcpusFlags(2, libvirt.VIR_DOMAIN_AFFECT_LIVE))
    take("where they run", lambda: domain.vcpuPinInfo())
    take("parameters of memory", lambda: domain.memoryParameters(0))
    take("parameters of scheduling", lambda: domain.schedulerParameters())
    take("throttled", lambda: domain.setBlockIoTune("vda", {"total_bytes_sec": 1000, "total_bytes_sec_max": 2000}))
    take("throttle", lambda: domain.blockIoTune("vda"))
    take("stats", lambda: conn.domainListGetStats([domain], libvirt.VIR_DOMAIN_STATS_STATE)[0][1])
    take("time", lambda: domain.setTime({"seconds": 5, "nseconds": 0}))
    take("file systems", lambda: [each[:3] for each in domain.fsInfo()])
    take("frozen", domain.fsFreeze)
    take("addresses", lambda: domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE))
    take("title", lambda: domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, "New", None, None))
    take("its metadata", lambda: domain.metadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, "http://example.com"))
    take("snapshot", lambda: domain.snapshotCreateXML(SNAPSHOT))
    take("snapshots", lambda: names(domain.listAllSnapshots()))
    take("back to it", lambda: domain.revertToSnapshot(domain.snapshotLookupByName("first")))
    take("delete it", lambda: domain.snapshotLookupByName("first").delete())
    take("checkpoint", lambda: domain.checkpointCreateXML(CHECKPOINT))
    take("checkpoints", lambda: names(domain.listAllCheckpoints()))
    take("delete that", lambda: domain.checkpointLookupByName("begun").delete())
    take("console", lambda: domain.openConsole(None, conn.newStream()))
    take("managed save", lambda: domain.managedSave(0))
    take("has it", lambda: domain.hasManagedSaveImage(0))
    take("start of it", domain.create)
    take("save", lambda: domain.save("web.saved"))
    take("restore", lambda: conn.restore("web.saved"))
    take("reboot", lambda: domain.reboot(0))
    take("shut down", domain.shutdown)
    take("autostart", lambda: [domain.setAutostart(1), domain.autostart()])
    take("undefine", domain.undefine)
    take("gone", domain.info)


def use_networks(conn):
    network = conn.networkDefineXML(read("net"))
    take("start", network.create)
    take("add a host", lambda: network.update(3, 4, -1, HOST, 0))
    take("XML", lambda: network.XMLDesc(0))
    take("networks", lambda: names(conn.listAllNetworks()))
    take("leases", network.DHCPLeases)
    take("stop", network.destroy)
    take("undefine", network.undefine)
    take("gone", lambda: conn.networkLookupByName("lan"))


def use_interfaces(conn):
    take("begin", lambda: conn.changeBegin(0))
    interface = conn.interfaceDefineXML(read("iface"), 0)
    take("start", lambda: interface.create(0))
    take("interfaces", lambda: names(conn.listAllInterfaces()))
    take("XML", lambda: interface.XMLDesc(0))
    take("by its MAC address", lambda: conn.interfaceLookupByMACString("52:54:00:00:00:09"))
    take("take it back", lambda: conn.changeRollback(0))
    take("and no more", lambda: conn.changeCommit(0))
    take("gone", lambda: interface.isActive())


def use_storage(conn):
    pool = conn.storagePoolDefineXML(read("pool"), 0)
    take("build", lambda: pool.build(0))
    take("start", lambda: pool.create(0))
    take("refresh", lambda: pool.refresh(0))
    take("pool", pool.info)
    volume = pool.createXML(read("vol"), 0)
    take("once more", lambda: pool.createXML(read("vol"), 0))
    take("volume", volume.info)
    take("where", lambda: [volume.path(), volume.key()])
    take("XML", lambda: volume.XMLDesc(0))
    take("by its path", lambda: conn.storageVolLookupByPath("/store/disk"))
    take("whose", volume.storagePoolLookupByVolume)
    take("volumes", lambda: names(pool.listAllVolumes()))
    take("delete", lambda: volume.delete(0))
    take("stop", pool.destroy)
    take("undefine", pool.undefine)
    take("gone", pool.info)


def use_devices(conn):
    take("devices", lambda: names(conn.listAllDevices()))
    device = conn.nodeDeviceCreateXML(read("vhba"), 0)
    take("made", lambda: [device.name(), device.parent(), device.listCaps()])
    take("XML", lambda: device.XMLDesc(0))
    take("by its WWNs", lambda: conn.nodeDeviceLookupSCSIHostByWWN("2000000012341234", "1000000012341234"))
    take("destroy", device.destroy)
    take("gone", lambda: conn.nodeDeviceLookupByName("scsi_host12"))


def use_what_there_is_not(conn):
    take("secrets", conn.listAllSecrets)
    take("filters", conn.listAllNWFilters)
    take("define one", lambda: conn.nwfilterDefineXML(read("filter")))


def loop():
    while True:
        libvirt.virEventRunDefaultImpl()


libvirt.registerErrorHandler(lambda *_: None, None)
libvirt.virEventRegisterDefaultImpl()
threading.Thread(target=loop, daemon=True).start()

connection = libvirt.open(sys.argv[1])
connection.setKeepAlive(1, 3)
events = []
last = watch(connection, events)
for use in (
    look_at_host,
    use_domains,
    use_networks,
    use_interfaces,
    use_storage,
    use_devices,
    use_what_there_is_not,
):
    print(use.__name__)
    use(connection)
connection.defineXML(LAST).undefine()
print("all events came:", last.wait(20))
time.sleep(1.5)  # long enough for pings to and fro
print("still there:", connection.isAlive())
for event in events:
    print(*event)
connection.close()
