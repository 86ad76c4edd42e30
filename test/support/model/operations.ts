import * as fc from "fast-check";
import { outcome } from "../both-drivers.js";
import { checkpointOperations } from "./checkpoints.js";
import { deviceOperations } from "./devices.js";
import { domainLife, domainLists, domainParts } from "./domains.js";
import { guestOperations } from "./guests.js";
import { hostOperations } from "./host.js";
import { interfaceOperations } from "./interfaces.js";
import { jobOperations } from "./jobs.js";
import { networkPortOperations } from "./network-ports.js";
import { networkOperations } from "./networks.js";
import { nodeDeviceOperations } from "./node-devices.js";
import { filterOperations, secretOperations } from "./secrets.js";
import { snapshotOperations } from "./snapshots.js";
import { Choices, type Operation, type Operations, type Stage } from "./stage.js";
import { poolOperations } from "./storage-pools.js";
import { volumeOperations } from "./storage-volumes.js";
import { tuningOperations } from "./tuning.js";

/** In older libvirts it is refused to who may only look. */
const untold = "nodeDevice.getAutostart";

/** Everything else, done by one who may only look. */
const readonlyOperations: Operations = {
  any: async (stage, choose) => {
    const name = choose.of([...operations.keys()].filter((each) => !each.startsWith("readonly.")));
    return name === untold ? undefined : operations.get(name)!(stage.readonly!, choose);
  },
};

/** All that the generated programs do. What is named twice is done twice as often. */
const kinds = {
  domain: domainLife,
  domainPart: domainParts,
  domainList: domainLists,
  snapshot: snapshotOperations,
  checkpoint: checkpointOperations,
  device: deviceOperations,
  tuning: tuningOperations,
  guest: guestOperations,
  job: jobOperations,
  host: hostOperations,
  network: networkOperations,
  networkPort: networkPortOperations,
  interface: interfaceOperations,
  pool: poolOperations,
  volume: volumeOperations,
  nodeDevice: nodeDeviceOperations,
  secret: secretOperations,
  filter: filterOperations,
  readonly: readonlyOperations,
};

const operations = new Map<string, Operation>(
  Object.entries(kinds).flatMap(([kind, each]) =>
    Object.entries(each).map(([name, operation]) => [`${kind}.${name}`, operation] as const),
  ),
);

/** One step of a generated program. */
export interface Step {
  readonly operation: string;
  readonly numbers: readonly number[];
}

export const step: fc.Arbitrary<Step> = fc.record({
  operation: fc.oneof(
    ...Object.entries(kinds).map(([kind, each]) =>
      fc.constantFrom(...Object.keys(each).map((name) => `${kind}.${name}`)),
    ),
  ),
  numbers: fc.array(fc.nat(719), { minLength: 16, maxLength: 16 }),
});

/** Takes a step on one hypervisor: what came of it, and what the step is in words. */
export async function take({ operation, numbers }: Step, stage: Stage) {
  const choices = new Choices(numbers);
  const result = await outcome(() => operations.get(operation)!(stage, choices));
  return { title: `${operation}(${choices.made.map(String).join(", ")})`, result };
}
