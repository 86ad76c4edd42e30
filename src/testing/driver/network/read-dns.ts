import { ErrorNumber } from "../../../generated/constants.js";
import { parseIp } from "../ip.js";
import type { XmlElement } from "../xml/element.js";
import { readUnsigned, wordAttribute } from "../xml/values.js";
import { ipAttribute, refuse } from "./refuse.js";

const { XML_DETAIL } = ErrorNumber;

/** What the network's name server knows, and whom it asks. */
export function readDns(dns: XmlElement, network: string): void {
  for (const name of ["enable", "forwardPlainNames"]) wordAttribute(dns, name, ["yes", "no"]);
  dns.orderAttributes(["enable", "forwardPlainNames"]);
  for (const forwarder of dns.childrenNamed("forwarder")) {
    const addr = forwarder.attribute("addr");
    ipAttribute(forwarder, "addr", `Invalid forwarder IP address '${addr}' in network '${network}'`);
    if (addr === undefined && forwarder.attribute("domain") === undefined) {
      refuse("Invalid forwarder element, must contain at least one of addr or domain");
    }
    forwarder.orderAttributes(["domain", "addr"]);
  }
  for (const host of dns.childrenNamed("host")) readDnsHost(host, network);
  for (const srv of dns.childrenNamed("srv")) readSrv(srv, network);
  for (const txt of dns.childrenNamed("txt")) readTxt(txt, network);
  dns.sortChildren(["forwarder", "txt", "srv", "host"]);
  if (dns.attribute("enable") === "no" && dns.nodes.length > 0) {
    refuse(`Extra data in disabled network '${network}'`);
  }
}

export function readDnsHost(host: XmlElement, network: string, isPartial = false): void {
  const names = host.childrenNamed("hostname");
  if (names.some(({ text }) => text === "") || (names.length === 0 && !isPartial)) {
    refuse(`Missing hostname in network '${network}' DNS HOST record`, XML_DETAIL);
  }
  const ip = host.attribute("ip");
  if (ip === undefined && (!isPartial || names.length === 0)) {
    const what = isPartial ? "ip and hostname" : "IP address";
    refuse(`Missing ${what} in network '${network}' DNS HOST record`, XML_DETAIL);
  }
  if (ip === undefined) return;
  const address = parseIp(ip);
  if (!address) refuse(`Invalid IP address in network '${network}' DNS HOST record`, XML_DETAIL);
  host.setAttribute("ip", address.text);
}

/** As many bytes as a record has room for. */
const longestService = 482;

export function readSrv(srv: XmlElement, network: string, isPartial = false): void {
  const [service, protocol] = [srv.attribute("service"), srv.attribute("protocol")];
  if (service === undefined && !isPartial) {
    refuse(`missing required service attribute in DNS SRV record of network '${network}'`, XML_DETAIL);
  }
  if (service !== undefined && Buffer.byteLength(service) > longestService) {
    const detail = `service attribute '${service}' in network '${network}' is too long, limit is ${longestService} bytes`;
    refuse(detail, XML_DETAIL);
  }
  const record = `in DNS SRV record of network '${network}'`;
  if (service !== undefined && /[^\w\-+/*]/.test(service)) {
    refuse(`invalid character in service attribute '${service}' ${record}`, XML_DETAIL);
  }
  if (protocol === undefined && !isPartial) {
    const detail = `missing required protocol attribute in DNS SRV record '${service}' of network '${network}'`;
    refuse(detail, XML_DETAIL);
  }
  if (protocol !== undefined && /[^a-z0-9\-+/]/i.test(protocol)) {
    refuse(`invalid character in protocol attribute '${protocol}' ${record}`, XML_DETAIL);
  }
  for (const [name, least] of [
    ["port", 1],
    ["priority", 0],
    ["weight", 0],
  ] as const) {
    readSrvNumber(srv, name, least, `for service '${service}' in network '${network}'`);
  }
  srv.orderAttributes(["service", "protocol", "domain", "target", "port", "priority", "weight"]);
}

function readSrvNumber(srv: XmlElement, name: string, least: number, where: string): void {
  const text = srv.attribute(name);
  if (!text) return;
  const value = readUnsigned(text);
  if (value !== undefined && srv.attribute("target") === undefined) {
    refuse(`DNS SRV ${name} attribute not permitted without target ${where}`, XML_DETAIL);
  }
  if (value === undefined || value < least || value > 65535) {
    refuse(`invalid DNS SRV ${name} attribute ${where}`, XML_DETAIL);
  }
  if (value === 0n) srv.setAttribute(name, undefined);
}

export function readTxt(txt: XmlElement, network: string, isPartial = false): void {
  const name = txt.attribute("name");
  if (name === undefined) {
    refuse(`missing required name attribute in DNS TXT record of network ${network}`, XML_DETAIL);
  }
  if (/[ ,]/.test(name)) {
    const detail = `prohibited character in DNS TXT record name '${name}' of network ${network}`;
    refuse(detail, XML_DETAIL);
  }
  if (txt.attribute("value") === undefined && !isPartial) {
    const detail = `missing required value attribute in DNS TXT record named '${name}' of network ${network}`;
    refuse(detail, XML_DETAIL);
  }
  txt.orderAttributes(["name", "value"]);
}
