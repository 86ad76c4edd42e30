import type { Docs } from "./doc.js";

const networkXml = "The `network` element.";
const filterXml = "The `filter` element. One with the name and UUID of a filter there is replaces that.";
const uuid = "The UUID's 16 bytes.";
const uuidstr = "The UUID as text.";
const callbackID = "What the registration gave.";
const noNetwork = { NO_NETWORK: "There is no such network." };
const noFilter = { NO_NWFILTER: "There is no such filter." };
const noBinding = { NO_NWFILTER_BINDING: "The device has no binding." };
const notActive = { OPERATION_INVALID: "The network is not active." };
const portGone = { NO_NETWORK_PORT: "The port is gone.", ...notActive };
const taken = "The name belongs to another UUID already, or the UUID to another name.";
const noTransaction = { OPERATION_INVALID: "No transaction is open." };

/** Virtual networks and their ports, packet filters and their bindings, and the host's own interfaces. */
export const networkDocs: Docs = {
  virConnectListAllInterfaces: {
    summary: "Lists the host's network interfaces: all of them, or those that the flags pick.",
  },
  virConnectListAllNWFilterBindings: {
    summary: "Lists the bindings of packet filters to the network devices of guests.",
  },
  virConnectListAllNWFilters: {
    summary: "Lists the packet filters.",
  },
  virConnectListAllNetworks: {
    summary: "Lists the virtual networks: all of them, or those that the flags pick.",
  },
  virConnectListDefinedInterfaces: {
    summary: "Lists the names of the host's interfaces that are down; `listAllInterfaces` tells more.",
  },
  virConnectListDefinedNetworks: {
    summary: "Lists the names of the networks that are not active; `listAllNetworks` tells more.",
  },
  virConnectListInterfaces: {
    summary: "Lists the names of the host's interfaces that are up; `listAllInterfaces` tells more.",
  },
  virConnectListNWFilters: {
    summary: "Lists the names of the packet filters; `listAllNWFilters` tells more.",
  },
  virConnectListNetworks: {
    summary: "Lists the names of the active networks; `listAllNetworks` tells more.",
  },
  virConnectNetworkEventDeregisterAny: {
    summary: "Ends a registration for network events.",
    params: { callbackID },
  },
  virConnectNetworkEventRegisterAny: {
    summary: "Has a function called on every event of one kind, from one network or from all.",
    params: {
      net: "The network to watch; `null` for all, those yet to come included.",
      eventID: "The kind of event, one of `NetworkEventID`.",
      cb: "Called with each event.",
    },
    returns: "A number by which to end the registration.",
  },
  virConnectNumOfDefinedInterfaces: {
    summary: "Counts the host's interfaces that are down.",
  },
  virConnectNumOfDefinedNetworks: {
    summary: "Counts the networks that are not active.",
  },
  virConnectNumOfInterfaces: {
    summary: "Counts the host's interfaces that are up.",
  },
  virConnectNumOfNWFilters: {
    summary: "Counts the packet filters.",
  },
  virConnectNumOfNetworks: {
    summary: "Counts the active networks.",
  },
  virInterfaceChangeBegin: {
    summary:
      "Opens a transaction: remembers the host's interface configuration, so that it can be gone back to.",
    errors: { OPERATION_INVALID: "A transaction is open already." },
  },
  virInterfaceChangeCommit: {
    summary: "Makes what was changed since `interfaceChangeBegin` last, and ends the transaction.",
    errors: noTransaction,
  },
  virInterfaceChangeRollback: {
    summary: "Undoes what was changed since `interfaceChangeBegin`, and ends the transaction.",
    errors: noTransaction,
  },
  virInterfaceCreate: {
    summary: "Brings the interface up.",
    errors: { OPERATION_INVALID: "It is up already." },
  },
  virInterfaceDefineXML: {
    summary: "Configures an interface of the host, a new one or one there is, without bringing it up.",
    params: { xml: "The `interface` element." },
    returns:
      "The interface. Within a transaction the change is undone when the host reboots, unless it was " +
      "committed before.",
  },
  virInterfaceDestroy: {
    summary: "Takes the interface down; its configuration stays.",
    errors: { OPERATION_INVALID: "It is down already." },
  },
  virInterfaceGetConnect: {
    summary: "Gives the connection that this interface was looked up on.",
  },
  virInterfaceGetMACString: {
    summary: "Gives the MAC address that the interface had when it was looked up.",
  },
  virInterfaceGetName: {
    summary: "Gives the interface's name, such as `eth0`.",
  },
  virInterfaceGetXMLDesc: {
    summary:
      "Describes the interface as XML: its addresses of the moment or, if the flags say so, its " +
      "configuration.",
    errors: { NO_INTERFACE: "The interface is gone." },
  },
  virInterfaceIsActive: {
    summary: "Tells whether the interface is up.",
    errors: { NO_INTERFACE: "The interface is gone." },
  },
  virInterfaceLookupByMACString: {
    summary: "Finds an interface of the host by its MAC address.",
    params: { macstr: "The MAC address as text, such as `52:54:00:12:34:56`." },
    errors: {
      NO_INTERFACE: "No interface has that address.",
      MULTIPLE_INTERFACES: "Several have it, as a bridge and its first port do.",
    },
  },
  virInterfaceLookupByName: {
    summary: "Finds an interface of the host by its name.",
    params: { name: "The name, such as `eth0`." },
    errors: { NO_INTERFACE: "The host has no interface of that name." },
  },
  virInterfaceUndefine: {
    summary: "Removes the interface from the host's configuration; a rolled back transaction restores it.",
  },
  virNWFilterBindingCreateXML: {
    summary: "Applies a packet filter to a network device of a running guest.",
    params: {
      xml: "The `filterbinding` element: the device, the filter with its parameters, and the guest.",
    },
    returns: "The binding. A guest that starts makes its own, and fails to start where there is one already.",
    errors: {
      OPERATION_FAILED: "The device has a binding already.",
      OPERATION_INVALID: "The daemon is a session daemon, which cannot filter.",
    },
  },
  virNWFilterBindingDelete: {
    summary: "Takes the packet filter off the guest's network device, which stays connected.",
    errors: noBinding,
  },
  virNWFilterBindingGetFilterName: {
    summary: "Gives the name of the filter that is bound.",
  },
  virNWFilterBindingGetPortDev: {
    summary: "Gives the name of the network device that is filtered, such as `vnet0`.",
  },
  virNWFilterBindingGetXMLDesc: {
    summary: "Describes the binding as XML.",
    errors: noBinding,
  },
  virNWFilterBindingLookupByPortDev: {
    summary: "Finds the binding of a network device.",
    params: { portdev: "The device on the host, such as `vnet0`." },
    errors: noBinding,
  },
  virNWFilterDefineXML: {
    summary: "Defines a packet filter, or changes one; guests that use it get the new rules at once.",
    params: { xmlDesc: filterXml },
    errors: {
      OPERATION_FAILED: `${taken} Or the filter would refer back to itself.`,
      OPERATION_INVALID: "The daemon is a session daemon, which cannot filter.",
    },
  },
  virNWFilterDefineXMLFlags: {
    summary: "Defines a packet filter, or changes one, checking the XML against its schema if asked.",
    params: { xmlDesc: filterXml },
    errors: {
      OPERATION_FAILED: `${taken} Or the filter would refer back to itself.`,
      OPERATION_INVALID: "The daemon is a session daemon, which cannot filter.",
      XML_INVALID_SCHEMA: "The flags ask for a check and the XML does not pass it.",
    },
  },
  virNWFilterGetName: {
    summary: "Gives the filter's name.",
  },
  virNWFilterGetUUID: {
    summary: "Gives the filter's UUID as 16 bytes.",
  },
  virNWFilterGetUUIDString: {
    summary: "Gives the filter's UUID as text.",
  },
  virNWFilterGetXMLDesc: {
    summary: "Describes the filter and its rules as XML, which `nwFilterDefineXML` takes.",
    errors: noFilter,
  },
  virNWFilterLookupByName: {
    summary: "Finds a packet filter by its name.",
    params: { name: "The filter's name, such as `clean-traffic`." },
    errors: noFilter,
  },
  virNWFilterLookupByUUID: {
    summary: "Finds a packet filter by its UUID's bytes.",
    params: { uuid },
    errors: noFilter,
  },
  virNWFilterLookupByUUIDString: {
    summary: "Finds a packet filter by its UUID's text.",
    params: { uuidstr },
    errors: noFilter,
  },
  virNWFilterUndefine: {
    summary: "Removes the packet filter.",
    errors: { ...noFilter, OPERATION_INVALID: "A running guest uses it, itself or through another filter." },
  },
  virNetworkCreate: {
    summary: "Starts a defined network.",
    errors: { ...noNetwork, OPERATION_INVALID: "It is active already." },
  },
  virNetworkCreateXML: {
    summary: "Starts a transient network: one that is gone once it is stopped.",
    params: { xmlDesc: networkXml },
    errors: { OPERATION_FAILED: taken, OPERATION_INVALID: "It is active already." },
  },
  virNetworkCreateXMLFlags: {
    summary: "Starts a transient network, checking the XML against its schema if asked.",
    params: { xmlDesc: networkXml },
    errors: {
      OPERATION_FAILED: taken,
      OPERATION_INVALID: "It is active already.",
      XML_INVALID_SCHEMA: "The flags ask for a check and the XML does not pass it.",
    },
  },
  virNetworkDefineXML: {
    summary: "Defines a network that lasts, or changes the definition of one; nothing is started.",
    params: { xml: networkXml },
    errors: { OPERATION_FAILED: taken },
  },
  virNetworkDefineXMLFlags: {
    summary: "Defines a network that lasts, checking the XML against its schema if asked.",
    params: { xml: networkXml },
    errors: {
      OPERATION_FAILED: taken,
      XML_INVALID_SCHEMA: "The flags ask for a check and the XML does not pass it.",
    },
  },
  virNetworkDestroy: {
    summary: "Stops the network at once; a transient one is gone then.",
    errors: { ...noNetwork, ...notActive },
  },
  virNetworkGetAutostart: {
    summary: "Tells whether the network is started along with the host.",
  },
  virNetworkGetBridgeName: {
    summary: "Gives the name of the bridge on the host that guests of this network are plugged into.",
    errors: { INTERNAL_ERROR: "The network is of a kind that has no bridge." },
  },
  virNetworkGetConnect: {
    summary: "Gives the connection that this network was looked up on.",
  },
  virNetworkGetDHCPLeases: {
    summary: "Lists which addresses the network's DHCP server has leased, and to whom.",
    params: {
      mac: "The MAC address, as text, of the one interface whose leases are wanted; `null` for all.",
    },
    returns:
      "One object for each lease in force: `iface`, the host's bridge; `expirytime` in seconds since 1970, " +
      "0n if it does not end; `type`, one of `IPAddrType`; `mac`, `ipaddr` and its `prefix`; `hostname`, " +
      "`iaid` and `clientid` (for IPv6 the DUID), each `null` if unknown. Empty if libvirt runs no DHCP " +
      "for the network.",
    errors: { ...noNetwork, INVALID_MAC: "The text is no MAC address." },
  },
  virNetworkGetMetadata: {
    summary: "Reads the network's title, description or an application's own XML.",
    params: {
      type: "Which of them, one of `NetworkMetadataType`.",
      uri: "The XML namespace of the application's element; `null` for title and description.",
    },
    errors: {
      NO_NETWORK_METADATA: "The network has none.",
      OPERATION_INVALID:
        "The flags ask for the live state of a network that is not active, or for a lasting definition " +
        "that it lacks.",
    },
  },
  virNetworkGetName: {
    summary: "Gives the network's name.",
  },
  virNetworkGetUUID: {
    summary: "Gives the network's UUID as 16 bytes.",
  },
  virNetworkGetUUIDString: {
    summary: "Gives the network's UUID as text.",
  },
  virNetworkGetXMLDesc: {
    summary:
      "Describes the network as XML: as it is now or, if the flags say so, as it will be started next.",
    errors: noNetwork,
  },
  virNetworkIsActive: {
    summary: "Tells whether the network is up.",
    errors: noNetwork,
  },
  virNetworkIsPersistent: {
    summary: "Tells whether the network has a definition that outlasts its being stopped.",
    errors: noNetwork,
  },
  virNetworkListAllPorts: {
    summary: "Lists the network's ports, one for each guest interface that is plugged into it.",
    errors: notActive,
  },
  virNetworkLookupByName: {
    summary: "Finds a network by its name.",
    params: { name: "The network's name, such as `default`." },
    errors: noNetwork,
  },
  virNetworkLookupByUUID: {
    summary: "Finds a network by its UUID's bytes.",
    params: { uuid },
    errors: noNetwork,
  },
  virNetworkLookupByUUIDString: {
    summary: "Finds a network by its UUID's text.",
    params: { uuidstr },
    errors: noNetwork,
  },
  virNetworkPortCreateXML: {
    summary: "Adds a port to the network, as a hypervisor does for a guest that is to be plugged into it.",
    params: { xmldesc: "The `networkport` element." },
    errors: {
      ...notActive,
      NETWORK_PORT_EXIST: "A port with that UUID exists.",
      INVALID_ARG: "The XML has a `plug` but the flags do not reclaim one, or the other way round.",
    },
  },
  virNetworkPortDelete: {
    summary: "Removes the port. Make sure first that no guest is still plugged into it.",
    errors: portGone,
  },
  virNetworkPortGetNetwork: {
    summary: "Gives the network that the port belongs to.",
  },
  virNetworkPortGetParameters: {
    summary: "Reads the limits on the port's bandwidth.",
    returns:
      "Values by name (the `NETWORK_PORT_BANDWIDTH_*` constants): average, peak and, inbound only, floor " +
      "in kB/s (1000 bytes), burst in KiB. A direction without a limit is left out.",
    errors: portGone,
  },
  virNetworkPortGetUUID: {
    summary: "Gives the port's UUID as 16 bytes.",
  },
  virNetworkPortGetUUIDString: {
    summary: "Gives the port's UUID as text.",
  },
  virNetworkPortGetXMLDesc: {
    summary: "Describes the port as XML: its owner, its MAC address, and how it is plugged in.",
    errors: portGone,
  },
  virNetworkPortLookupByUUID: {
    summary: "Finds one of the network's ports by its UUID's bytes.",
    params: { uuid },
    errors: { NO_NETWORK_PORT: "The network has no such port.", ...notActive },
  },
  virNetworkPortLookupByUUIDString: {
    summary: "Finds one of the network's ports by its UUID's text.",
    params: { uuidstr },
    errors: { NO_NETWORK_PORT: "The network has no such port.", ...notActive },
  },
  virNetworkPortSetParameters: {
    summary: "Sets the limits on the port's bandwidth.",
    params: {
      params:
        "The limits by name (the `NETWORK_PORT_BANDWIDTH_*` constants): average, peak and floor in kB/s " +
        "(1000 bytes), burst in KiB. A direction that is given neither an average nor a floor loses its " +
        "limit.",
    },
    errors: {
      ...portGone,
      OPERATION_INVALID: "The network is not active, or the floor is more than it has left to promise.",
      OPERATION_UNSUPPORTED:
        "A floor is asked of a network that has no inbound limit, or is not libvirt's own to shape.",
    },
  },
  virNetworkSetAutostart: {
    summary: "Sets whether the network is started along with the host.",
    params: { autostart: "Whether it is." },
    errors: { ...noNetwork, OPERATION_INVALID: "The network is transient." },
  },
  virNetworkSetMetadata: {
    summary: "Sets or removes the network's title, description or an application's own XML.",
    params: {
      type: "Which of them, one of `NetworkMetadataType`.",
      metadata: "The text (a title is one line) or the XML element; `null` removes it.",
      key: "The prefix to give the element's namespace; `null` for title and description.",
      uri: "The XML namespace of the element; `null` for title and description.",
    },
    errors: {
      OPERATION_INVALID:
        "The flags ask for the live state of a network that is not active, or for a lasting definition " +
        "that it lacks.",
    },
  },
  virNetworkUndefine: {
    summary: "Removes the network's definition. If it is active it stays so, as a transient one.",
    errors: { ...noNetwork, OPERATION_INVALID: "The network is transient." },
  },
  virNetworkUpdate: {
    summary: "Changes one element of the network, such as a DHCP host, without defining all of it anew.",
    params: {
      command: "What to do, one of `NetworkUpdateCommand`.",
      section: "The kind of element to do it to, one of `NetworkUpdateSection`.",
      parentIndex: "Which parent element, counted from 0, where there are several; -1 lets libvirt find it.",
      xml: "The element, such as `host`, with as much of it as tells it from its like.",
    },
    errors: {
      OPERATION_INVALID:
        "What is to be added exists, what is to be changed or removed does not, or the network is not in " +
        "the state that the flags ask for.",
      OPERATION_UNSUPPORTED: "That kind of element cannot be changed so.",
    },
  },
};
