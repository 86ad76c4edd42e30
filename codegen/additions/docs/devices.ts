import type { Docs } from "./doc.js";

const uuid = "The UUID's 16 bytes.";
const uuidstr = "The UUID as text.";
const deviceXml = "The `device` element, with its parent and its capability.";
const cap = "Only devices with this capability, such as `pci` or `net`; `null` for all.";
const callbackID = "What the registration gave.";
const noDevice = { NO_NODE_DEVICE: "The device is gone." };
const noSecret = { NO_SECRET: "There is no such secret." };
const onlyMediated = { CONFIG_UNSUPPORTED: "The device is not a mediated one." };
const onlyPci = { INVALID_ARG: "The device is not a PCI one." };

/** The host's devices, and the secrets that libvirt keeps for disks, pools and guests. */
export const deviceDocs: Docs = {
  virConnectListAllNodeDevices: {
    summary: "Lists the host's devices: all of them, or those that the flags pick.",
  },
  virConnectListAllSecrets: {
    summary: "Lists the secrets: all of them, or those that the flags pick.",
  },
  virConnectListSecrets: {
    summary: "Lists the UUIDs of the secrets, as text; `listAllSecrets` tells more.",
  },
  virConnectNodeDeviceEventDeregisterAny: {
    summary: "Ends a registration for events of the host's devices.",
    params: { callbackID },
  },
  virConnectNodeDeviceEventRegisterAny: {
    summary: "Has a function called on every event of one kind, from one of the host's devices or from all.",
    params: {
      dev: "The device to watch; `null` for all, those yet to come included.",
      eventID: "The kind of event, one of `NodeDeviceEventID`.",
      cb: "Called with each event.",
    },
    returns: "A number by which to end the registration.",
  },
  virConnectNumOfSecrets: {
    summary: "Counts the secrets.",
  },
  virConnectSecretEventDeregisterAny: {
    summary: "Ends a registration for events of secrets.",
    params: { callbackID },
  },
  virConnectSecretEventRegisterAny: {
    summary: "Has a function called on every event of one kind, from one secret or from all.",
    params: {
      secret: "The secret to watch; `null` for all, those yet to come included.",
      eventID: "The kind of event, one of `SecretEventID`.",
      cb: "Called with each event.",
    },
    returns: "A number by which to end the registration.",
  },
  virNodeDeviceCreate: {
    summary: "Starts a defined device.",
    errors: { ...noDevice, ...onlyMediated, OPERATION_INVALID: "It is active already." },
  },
  virNodeDeviceCreateXML: {
    summary:
      "Creates a device that lasts until it is destroyed: a mediated device or a virtual Fibre Channel " +
      "adapter.",
    params: { xmlDesc: deviceXml },
    returns: "The device, once the host shows it, which can take minutes.",
    errors: {
      CONFIG_UNSUPPORTED: "Devices of that kind cannot be created.",
      NO_NODE_DEVICE: "The host made the adapter but does not show it.",
    },
  },
  virNodeDeviceDefineXML: {
    summary: "Defines a mediated device that lasts, or changes the definition of one; nothing is started.",
    params: { xmlDesc: deviceXml },
    errors: {
      CONFIG_UNSUPPORTED: "Devices of that kind cannot be defined.",
      XML_ERROR: "The XML names no parent.",
    },
  },
  virNodeDeviceDestroy: {
    summary: "Removes a mediated device or a virtual Fibre Channel adapter from the running host.",
    errors: {
      ...noDevice,
      CONFIG_UNSUPPORTED: "Devices of this kind cannot be removed.",
      OPERATION_INVALID: "It is not active.",
      INTERNAL_ERROR: "A guest uses it.",
    },
  },
  virNodeDeviceDetachFlags: {
    summary: "Takes a PCI device away from the host, for a guest to have.",
    params: {
      driverName:
        "The host driver to bind it to meanwhile, such as `vfio` or a variant of it; `null` for the default.",
    },
    errors: { ...noDevice, ...onlyPci, OPERATION_INVALID: "A guest has it." },
  },
  virNodeDeviceDettach: {
    summary:
      "Takes a PCI device away from the host, for a guest to have; `detachFlags` can choose the driver too.",
    errors: { ...noDevice, ...onlyPci, OPERATION_INVALID: "A guest has it." },
  },
  virNodeDeviceGetAutostart: {
    summary: "Tells whether the device is started along with the host, or once its parent appears.",
    errors: noDevice,
  },
  virNodeDeviceGetName: {
    summary: "Gives the device's name, such as `pci_0000_00_1f_2`.",
  },
  virNodeDeviceGetParent: {
    summary: "Gives the name of the device that this one hangs off.",
    returns: "The name; `null` for the root of the tree.",
    errors: noDevice,
  },
  virNodeDeviceGetXMLDesc: {
    summary: "Describes the device as XML: as it is now or, if the flags say so, as it is defined.",
    errors: { ...noDevice, OPERATION_INVALID: "The flags ask for the definition of a device that has none." },
  },
  virNodeDeviceIsActive: {
    summary: "Tells whether the device is there, rather than only defined.",
    errors: noDevice,
  },
  virNodeDeviceIsPersistent: {
    summary: "Tells whether the device has a definition that outlasts its being destroyed.",
    errors: noDevice,
  },
  virNodeDeviceListCaps: {
    summary: "Lists the kinds of thing that the device is, such as `pci` or `scsi_host`.",
    errors: noDevice,
  },
  virNodeDeviceLookupByName: {
    summary: "Finds one of the host's devices by its name.",
    params: { name: "The name, such as `pci_0000_00_1f_2`." },
    errors: { NO_NODE_DEVICE: "The host has no such device." },
  },
  virNodeDeviceLookupSCSIHostByWWN: {
    summary: "Finds a Fibre Channel adapter of the host by its world wide names.",
    params: {
      wwnn: "The node's name, 16 hexadecimal digits.",
      wwpn: "The port's name, 16 hexadecimal digits.",
    },
  },
  virNodeDeviceNumOfCaps: {
    summary: "Counts the kinds of thing that the device is.",
    errors: noDevice,
  },
  virNodeDeviceReAttach: {
    summary: "Gives a PCI device that was taken away from the host back to it.",
    errors: { ...noDevice, ...onlyPci, OPERATION_INVALID: "A guest still has it." },
  },
  virNodeDeviceReset: {
    summary:
      "Resets a PCI device that was taken away from the host, so that nothing of its last user remains.",
    errors: { ...noDevice, ...onlyPci },
  },
  virNodeDeviceSetAutostart: {
    summary: "Sets whether the device is started along with the host, or once its parent appears.",
    params: { autostart: "Whether it is." },
    errors: {
      ...noDevice,
      OPERATION_INVALID: "The device is transient.",
      OPERATION_UNSUPPORTED: "The device is not a mediated one.",
    },
  },
  virNodeDeviceUndefine: {
    summary: "Removes the device's definition; if it is active it stays so until it is destroyed.",
    errors: { ...noDevice, ...onlyMediated, OPERATION_INVALID: "The device has no definition." },
  },
  virNodeDeviceUpdate: {
    summary: "Changes a mediated device's attributes: those in force, those defined, or both.",
    params: { xmlDesc: "The `device` element, with the UUID and the parent that it has." },
    errors: {
      ...noDevice,
      CONFIG_UNSUPPORTED: "The device is not a mediated one, or the XML is about another.",
      OPERATION_INVALID: "The device is not active or has no definition, and the flags ask to change that.",
      OPERATION_UNSUPPORTED: "The host's mdevctl is too old to do it.",
    },
  },
  virNodeListDevices: {
    summary: "Lists the names of the host's devices; `listAllNodeDevices` tells more.",
    params: { cap },
  },
  virNodeNumOfDevices: {
    summary: "Counts the host's devices.",
    params: { cap },
  },
  virSecretDefineXML: {
    summary:
      "Defines a secret, as yet without a value; given the UUID of one there is, replaces all else about it.",
    params: { xml: "The `secret` element; without a UUID it gets one." },
    errors: {
      INTERNAL_ERROR:
        "Another secret serves the same purpose, or the XML would change the purpose of one there is or " +
        "reveal a private one.",
    },
  },
  virSecretGetConnect: {
    summary: "Gives the connection that this secret was looked up on.",
  },
  virSecretGetUUID: {
    summary: "Gives the secret's UUID as 16 bytes.",
  },
  virSecretGetUUIDString: {
    summary: "Gives the secret's UUID as text.",
  },
  virSecretGetUsageID: {
    summary:
      "Gives the name of what the secret is for: for a volume its path, otherwise as its definition says.",
  },
  virSecretGetUsageType: {
    summary: "Tells what kind of thing the secret is for.",
    returns: "One of `SecretUsageType`, or a number that a newer libvirt gives a meaning.",
  },
  virSecretGetValue: {
    summary: "Reads the secret's value.",
    returns: "The bytes, as they were set.",
    errors: {
      NO_SECRET: "The secret is gone, or has no value yet.",
      INVALID_SECRET: "The secret is private: libvirt alone may use it.",
      OPERATION_DENIED: "The connection is read-only.",
    },
  },
  virSecretGetXMLDesc: {
    summary: "Describes the secret as XML, without its value.",
    errors: noSecret,
  },
  virSecretLookupByUUID: {
    summary: "Finds a secret by its UUID's bytes.",
    params: { uuid },
    errors: noSecret,
  },
  virSecretLookupByUUIDString: {
    summary: "Finds a secret by its UUID's text.",
    params: { uuidstr },
    errors: noSecret,
  },
  virSecretLookupByUsage: {
    summary: "Finds the secret that is for a certain thing.",
    params: {
      usageType: "The kind of thing, one of `SecretUsageType`.",
      usageID: "Its name: for a volume the path, otherwise as in the secret's definition.",
    },
    errors: noSecret,
  },
  virSecretSetValue: {
    summary: "Sets the secret's value, which the daemon stores unless the secret is ephemeral.",
    params: { value: "The bytes themselves, not their base64; at most 65536 of them." },
    errors: noSecret,
  },
  virSecretUndefine: {
    summary: "Deletes the secret and its value.",
    errors: noSecret,
  },
};
