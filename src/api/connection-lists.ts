import type { CallOptions } from "../rpc/deadline.js";
import { ConnectionHost } from "./connection-host.js";
import type { Domain } from "./domain.js";
import {
  type DomainFilter,
  domainFlags,
  type InterfaceFilter,
  interfaceFlags,
  type NetworkFilter,
  type NodeDeviceFilter,
  networkFlags,
  nodeDeviceFlags,
  type SecretFilter,
  type StoragePoolFilter,
  secretFlags,
  storagePoolFlags,
} from "./filters.js";
import type { Interface } from "./interface.js";
import type { Network } from "./network.js";
import type { NodeDevice } from "./node-device.js";
import type { NWFilter } from "./nwfilter.js";
import type { NWFilterBinding } from "./nwfilter-binding.js";
import type { Secret } from "./secret.js";
import type { StoragePool } from "./storage-pool.js";

/** Lists for `for await`: the daemon is asked when the loop begins, and only for what the filter leaves. */
export abstract class ConnectionLists extends ConnectionHost {
  /** The domains that a filter leaves: `for await (const domain of conn.domains({ active: true }))`. */
  async *domains(filter: DomainFilter = {}, options?: CallOptions): AsyncGenerator<Domain, void, undefined> {
    yield* await this.listAllDomains(domainFlags(filter), options);
  }

  /** The virtual networks that a filter leaves. */
  async *networks(
    filter: NetworkFilter = {},
    options?: CallOptions,
  ): AsyncGenerator<Network, void, undefined> {
    yield* await this.listAllNetworks(networkFlags(filter), options);
  }

  /** The host's network interfaces that a filter leaves. */
  async *interfaces(
    filter: InterfaceFilter = {},
    options?: CallOptions,
  ): AsyncGenerator<Interface, void, undefined> {
    yield* await this.listAllInterfaces(interfaceFlags(filter), options);
  }

  /** The storage pools that a filter leaves. */
  async *storagePools(
    filter: StoragePoolFilter = {},
    options?: CallOptions,
  ): AsyncGenerator<StoragePool, void, undefined> {
    yield* await this.listAllStoragePools(storagePoolFlags(filter), options);
  }

  /** The host's devices that a filter leaves. */
  async *nodeDevices(
    filter: NodeDeviceFilter = {},
    options?: CallOptions,
  ): AsyncGenerator<NodeDevice, void, undefined> {
    yield* await this.listAllNodeDevices(nodeDeviceFlags(filter), options);
  }

  /** The secrets that a filter leaves. */
  async *secrets(filter: SecretFilter = {}, options?: CallOptions): AsyncGenerator<Secret, void, undefined> {
    yield* await this.listAllSecrets(secretFlags(filter), options);
  }

  /** The network filters. */
  async *nwFilters(options?: CallOptions): AsyncGenerator<NWFilter, void, undefined> {
    yield* await this.listAllNWFilters(0, options);
  }

  /** The uses of network filters. */
  async *nwFilterBindings(options?: CallOptions): AsyncGenerator<NWFilterBinding, void, undefined> {
    yield* await this.listAllNWFilterBindings(0, options);
  }
}
