import { ErrorNumber } from "../../generated/constants.js";
import type { NonnullDomain, NonnullNetwork } from "../../protocol/generated/remote.js";
import { formatUuid } from "../../uuid.js";
import type { Domain } from "./domain/domain.js";
import { Domains } from "./domain/domains.js";
import { driverError } from "./errors.js";
import { EventHub } from "./events.js";
import { type Cell, Host } from "./host.js";
import { Interfaces } from "./interface/interfaces.js";
import type { Network } from "./network/network.js";
import { Networks } from "./network/networks.js";
import { NodeDevices } from "./node-device/node-devices.js";
import { StoragePools } from "./storage/pools.js";

/**
 * A host with all that libvirt manages on it, in memory. Models here know nothing of connections or of the protocol:
 * they do what is asked of them, refuse it with libvirt's errors, and tell `events` what happened.
 */
export class World {
  readonly events = new EventHub();
  readonly host: Host;
  readonly domains = new Domains(this.events);
  readonly networks = new Networks(this.events);
  readonly interfaces = new Interfaces();
  readonly nodeDevices = new NodeDevices(this.events);
  readonly storagePools = new StoragePools(this.events, this.nodeDevices);

  constructor(cells: readonly Cell[] = []) {
    this.host = new Host(cells);
  }

  /** The domain that a call is about. */
  domain({ name, uuid }: Pick<NonnullDomain, "name" | "uuid">): Domain {
    const id = formatUuid(uuid);
    const found = this.domains.byUuid(id);
    if (found) return found;
    throw driverError(ErrorNumber.NO_DOMAIN, `no domain with matching uuid '${id}' (${name})`);
  }

  /** The network that a call is about, for those that libvirt finds as it does domains. */
  network({ name, uuid }: NonnullNetwork): Network {
    const id = formatUuid(uuid);
    const found = this.networks.byUuid(id);
    if (found) return found;
    throw driverError(ErrorNumber.NO_NETWORK, `no network with matching uuid '${id}' (${name})`);
  }
}
