import type { Client } from "../server/client.js";
import { Handlers } from "../server/handlers.js";
import { connectionHandlers } from "./handlers/connection.js";
import { domainCheckpointHandlers } from "./handlers/domain-checkpoints.js";
import { domainConfigHandlers } from "./handlers/domain-config.js";
import { domainDeviceHandlers } from "./handlers/domain-devices.js";
import { domainGuestHandlers } from "./handlers/domain-guest.js";
import { domainIoThreadHandlers } from "./handlers/domain-io-threads.js";
import { domainLifecycleHandlers } from "./handlers/domain-lifecycle.js";
import { domainLimitHandlers } from "./handlers/domain-limits.js";
import { domainListHandlers } from "./handlers/domain-lists.js";
import { domainPinningHandlers } from "./handlers/domain-pinning.js";
import { domainReportHandlers } from "./handlers/domain-reports.js";
import { domainSaveHandlers } from "./handlers/domain-save.js";
import { domainSnapshotHandlers } from "./handlers/domain-snapshots.js";
import { domainStatisticsHandlers } from "./handlers/domain-statistics.js";
import { domainTuningHandlers } from "./handlers/domain-tuning.js";
import { eventHandlers } from "./handlers/events.js";
import { hostHandlers } from "./handlers/host.js";
import { interfaceHandlers } from "./handlers/interfaces.js";
import { networkHandlers } from "./handlers/networks.js";
import { nodeDeviceHandlers } from "./handlers/node-devices.js";
import { Registrations } from "./handlers/registrations.js";
import { storagePoolHandlers } from "./handlers/storage-pools.js";
import { storageVolumeHandlers } from "./handlers/storage-volumes.js";
import type { ClientState, DriverHandlers } from "./state.js";
import { Worlds } from "./worlds.js";

/**
 * The test driver: what a server has to know to answer as libvirt's own does. A further procedure is added in the file
 * of `handlers/` that its kind has, or in a new one that is named in the list below.
 */
export function createDriver(worlds = new Worlds()): DriverHandlers {
  const handlers = new Handlers<ClientState>(async ({ name }, client: Client) => {
    const { world, uri, close } = await worlds.open(name ?? "");
    const registrations = new Registrations(client, world.events);
    client.onClose(() => {
      registrations.end();
      close();
    });
    return { world, uri, registrations };
  });
  for (const add of parts) add(handlers);
  return handlers;
}

const parts: readonly ((handlers: DriverHandlers) => void)[] = [
  connectionHandlers,
  eventHandlers,
  hostHandlers,
  domainListHandlers,
  domainLifecycleHandlers,
  domainConfigHandlers,
  domainReportHandlers,
  domainTuningHandlers,
  domainSaveHandlers,
  domainPinningHandlers,
  domainLimitHandlers,
  domainIoThreadHandlers,
  domainStatisticsHandlers,
  domainGuestHandlers,
  domainDeviceHandlers,
  domainSnapshotHandlers,
  domainCheckpointHandlers,
  networkHandlers,
  interfaceHandlers,
  nodeDeviceHandlers,
  storagePoolHandlers,
  storageVolumeHandlers,
];
