// What the benchmark uses of @unraid/libvirt, which is there only where deps.sh could install it.
declare module "@unraid/libvirt" {
  interface Domain {
    getInfo(): Promise<unknown>;
    getXMLDesc(): Promise<string>;
  }
  export class Hypervisor {
    constructor(options: { uri: string });
    connectOpen(): Promise<void>;
    connectClose(): Promise<void>;
    connectGetHostname(): Promise<string>;
    connectListAllDomains(): Promise<Domain[]>;
    domainLookupByName(name: string): Promise<Domain>;
  }
}
