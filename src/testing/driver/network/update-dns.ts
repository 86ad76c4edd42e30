import { NetworkUpdateCommand as Command } from "../../../generated/constants.js";
import type { XmlElement } from "../xml/element.js";
import { networkOrder } from "./order.js";
import { readDnsHost, readSrv, readTxt } from "./read-dns.js";
import {
  checkElement,
  insert,
  isAdding,
  refuseChange,
  refuseCommand,
  refuseModify,
  replace,
  type SectionUpdate,
} from "./section.js";

const dnsOrder = ["forwarder", "txt", "srv", "host"];

/** The names that an address has. */
export function updateDnsHost(update: SectionUpdate): void {
  checkElement(update);
  const { network, given, command, name } = update;
  readDnsHost(given, name, !isAdding(command));
  const names = namesOf(given);
  const isSame = (host: XmlElement) => {
    if (given.attribute("ip") !== undefined && host.attribute("ip") === given.attribute("ip")) return true;
    return command === Command.DELETE && namesOf(host).some((each) => names.includes(each));
  };
  const found = recordsOf(network, "host").filter(isSame);
  if (isAdding(command)) {
    if (found.length > 0) {
      refuseChange(`there is already at least one DNS HOST record with a matching field in network ${name}`);
    }
    insert(dnsOf(network), given, command, dnsOrder);
  } else if (command === Command.DELETE || command === Command.MODIFY) {
    const old = found[0] ?? refuseChange(`couldn't locate a matching DNS HOST record in network ${name}`);
    if (found.length > 1) {
      refuseChange(`multiple matching DNS HOST records were found in network ${name}`);
    }
    if (command === Command.DELETE) dnsOf(network).remove(old);
    else replace(dnsOf(network), old, given);
  } else refuseCommand(command);
}

/** Where a service is to be found. */
export function updateSrv(update: SectionUpdate): void {
  const { network, given, command, name } = update;
  if (command === Command.MODIFY) refuseModify("DNS SRV records");
  checkElement(update);
  readSrv(given, name, !isAdding(command));
  const found = recordsOf(network, "srv").filter((srv) =>
    ["domain", "service", "protocol", "target"].every((each) => {
      const value = given.attribute(each);
      return value === undefined || srv.attribute(each) === value;
    }),
  );
  if (isAdding(command)) {
    if (found.length > 0) {
      refuseChange(
        `there is already at least one DNS SRV record matching all specified fields in network ${name}`,
      );
    }
    insert(dnsOf(network), given, command, dnsOrder);
  } else if (command === Command.DELETE) {
    const old = found[0] ?? refuseChange(`couldn't locate a matching DNS SRV record in network ${name}`);
    if (found.length > 1) {
      refuseChange(`multiple DNS SRV records matching all specified fields were found in network ${name}`);
    }
    dnsOf(network).remove(old);
  } else refuseCommand(command);
}

/** What is said of a name. */
export function updateTxt(update: SectionUpdate): void {
  checkElement(update);
  const { network, given, command, name } = update;
  readTxt(given, name, !isAdding(command));
  const record = given.attribute("name");
  const found = recordsOf(network, "txt").find((txt) => txt.attribute("name") === record);
  if (isAdding(command)) {
    if (found) refuseChange(`there is already a DNS TXT record with name '${record}' in network ${name}`);
    insert(dnsOf(network), given, command, dnsOrder);
  } else if (command === Command.DELETE || command === Command.MODIFY) {
    const old = found ?? refuseChange(`couldn't locate a matching DNS TXT record in network ${name}`);
    if (command === Command.DELETE) dnsOf(network).remove(old);
    else if (given.attribute("value") === undefined) {
      refuseChange(`missing value of modifying DNS TXT record in network ${name}`);
    } else replace(dnsOf(network), old, given);
  } else refuseCommand(command);
}

function dnsOf(network: XmlElement): XmlElement {
  return network.ensure("dns", networkOrder);
}

function recordsOf(network: XmlElement, name: string): XmlElement[] {
  return network.child("dns")?.childrenNamed(name) ?? [];
}

function namesOf(host: XmlElement): string[] {
  return host.childrenNamed("hostname").map(({ text }) => text);
}
