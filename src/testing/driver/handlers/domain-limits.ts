import {
  DOMAIN_BLKIO_WEIGHT,
  DOMAIN_BLOCK_IOTUNE_GROUP_NAME,
  DOMAIN_MEMORY_HARD_LIMIT,
  DOMAIN_MEMORY_SOFT_LIMIT,
  DOMAIN_MEMORY_SWAP_HARD_LIMIT,
  DOMAIN_NUMA_MODE,
  DOMAIN_NUMA_NODESET,
  ErrorNumber,
  TypedParameterFlags,
  TypedParameterType,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { noRate, rateOf, setRates, type Way } from "../domain/bandwidth.js";
import {
  blockWeight,
  type DeviceTunable,
  deviceTunables,
  deviceValues,
  setBlockWeight,
  setDeviceValues,
} from "../domain/block-weights.js";
import { findDisk, findInterface } from "../domain/find-device.js";
import { checkIoTuneValue, ioTune, ioTuneNames, setIoTune } from "../domain/io-tune.js";
import { memoryLimits, setMemoryLimits } from "../domain/memory-limits.js";
import { numaTuning, setNumaTuning } from "../domain/numa.js";
import { isPerfEventOn, perfEventNames, setPerfEvent } from "../domain/perf-events.js";
import { checkFlags, driverError, invalidArgument } from "../errors.js";
import type { DriverHandlers } from "../state.js";
import {
  bigintOf,
  booleanParam,
  checkParameters,
  intParam,
  numberOf,
  stringParam,
  textOf,
  uintParam,
  ullongParam,
} from "../typed-params.js";
import { checkOneImpact, checkPositive, checkRoom, impact, parameterReply } from "./tunables.js";

const { UINT, ULLONG, INT, STRING, BOOLEAN } = TypedParameterType;
const readable = impact | TypedParameterFlags.STRING_OKAY;

/** What bounds domains in what they take of the host, and shows what they took: all by typed parameters. */
export function domainLimitHandlers(handlers: DriverHandlers): void {
  memoryHandlers(handlers);
  blkioHandlers(handlers);
  numaHandlers(handlers);
  interfaceHandlers(handlers);
  ioTuneHandlers(handlers);
  perfHandlers(handlers);
}

function memoryHandlers(handlers: DriverHandlers): void {
  const known = {
    [DOMAIN_MEMORY_HARD_LIMIT]: ULLONG,
    [DOMAIN_MEMORY_SOFT_LIMIT]: ULLONG,
    [DOMAIN_MEMORY_SWAP_HARD_LIMIT]: ULLONG,
  };
  handlers
    .on(remote.domainSetMemoryParameters, ({ dom, params, flags }, { state }) => {
      checkPositive(params.length, "nparams", "virDomainSetMemoryParameters");
      checkFlags(flags, impact, "testDomainSetMemoryParameters");
      checkParameters(params, known);
      const domain = state.world.domain(dom);
      const { definition } = domain.definitionFor(flags);
      const given = Object.keys(known).map((name) => [name, bigintOf(params, name)]);
      setMemoryLimits(
        definition,
        Object.fromEntries(given.filter(([, value]) => value !== undefined)),
        domain.current,
      );
    })
    .on(remote.domainGetMemoryParameters, ({ dom, nparams, flags }, { state }) => {
      checkRoom(nparams, remote.REMOTE_DOMAIN_MEMORY_PARAMETERS_MAX);
      checkOneImpact(flags, "virDomainGetMemoryParameters");
      checkFlags(flags, readable, "testDomainGetMemoryParameters");
      if (nparams === 0) return { params: [], nparams: 3 };
      const limits = memoryLimits(state.world.domain(dom).definitionFor(flags).definition);
      return parameterReply(nparams, [
        ullongParam(DOMAIN_MEMORY_HARD_LIMIT, limits.hard_limit),
        ullongParam(DOMAIN_MEMORY_SOFT_LIMIT, limits.soft_limit),
        ullongParam(DOMAIN_MEMORY_SWAP_HARD_LIMIT, limits.swap_hard_limit),
      ]);
    });
}

function blkioHandlers(handlers: DriverHandlers): void {
  const tunables = Object.keys(deviceTunables) as DeviceTunable[];
  /** In the order in which they are told. */
  const told: readonly DeviceTunable[] = [
    ...(["device_weight", "device_read_iops_sec", "device_write_iops_sec"] as const),
    ...(["device_read_bytes_sec", "device_write_bytes_sec"] as const),
  ];
  const known = {
    [DOMAIN_BLKIO_WEIGHT]: UINT,
    ...Object.fromEntries(tunables.map((tunable) => [tunable, STRING])),
  };
  handlers
    .on(remote.domainSetBlkioParameters, ({ dom, params, flags }, { state }) => {
      checkPositive(params.length, "nparams", "virDomainSetBlkioParameters");
      checkFlags(flags, impact, "testDomainSetBlkioParameters");
      checkParameters(params, known);
      const { definition } = state.world.domain(dom).definitionFor(flags);
      for (const { field, value } of params) {
        if (value.type === UINT) setBlockWeight(definition, value.value);
        else setDeviceValues(definition, field as DeviceTunable, textOf(params, field) ?? "");
      }
    })
    .on(remote.domainGetBlkioParameters, ({ dom, nparams, flags }, { state }) => {
      checkRoom(nparams, remote.REMOTE_DOMAIN_BLKIO_PARAMETERS_MAX);
      checkOneImpact(flags, "virDomainGetBlkioParameters");
      checkFlags(flags, readable, "testDomainGetBlkioParameters");
      if (nparams === 0) return { params: [], nparams: 1 + told.length };
      const { definition } = state.world.domain(dom).definitionFor(flags);
      return parameterReply(nparams, [
        uintParam(DOMAIN_BLKIO_WEIGHT, blockWeight(definition)),
        ...told.map((tunable) => stringParam(tunable, deviceValues(definition, tunable))),
      ]);
    });
}

function numaHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainSetNumaParameters, ({ dom, params, flags }, { state }) => {
      checkPositive(params.length, "nparams", "virDomainSetNumaParameters");
      checkFlags(flags, impact, "testDomainSetNumaParameters");
      checkParameters(params, { [DOMAIN_NUMA_MODE]: INT, [DOMAIN_NUMA_NODESET]: STRING });
      const { definition, isLive } = state.world.domain(dom).definitionFor(flags);
      const [mode, nodeset] = [numberOf(params, DOMAIN_NUMA_MODE), textOf(params, DOMAIN_NUMA_NODESET)];
      const given = { ...(mode !== undefined && { mode }), ...(nodeset !== undefined && { nodeset }) };
      setNumaTuning(definition, given, isLive);
    })
    .on(remote.domainGetNumaParameters, ({ dom, nparams, flags }, { state }) => {
      checkRoom(nparams, remote.REMOTE_DOMAIN_NUMA_PARAMETERS_MAX);
      checkFlags(flags, readable, "testDomainGetNumaParameters");
      if (nparams === 0) return { params: [], nparams: 2 };
      const { mode, nodeset } = numaTuning(state.world.domain(dom).definitionFor(flags).definition);
      return parameterReply(nparams, [
        intParam(DOMAIN_NUMA_MODE, mode),
        stringParam(DOMAIN_NUMA_NODESET, nodeset),
      ]);
    });
}

function interfaceHandlers(handlers: DriverHandlers): void {
  const ways = ["inbound", "outbound"] as const;
  const parts = {
    inbound: ["average", "peak", "burst", "floor"],
    outbound: ["average", "peak", "burst"],
  } as const;
  const all = ways.flatMap((way) => parts[way].map((part) => ({ way, part, name: `${way}.${part}` })));
  const known = Object.fromEntries(all.map(({ name }) => [name, UINT]));
  handlers
    .on(remote.domainSetInterfaceParameters, ({ dom, device, params, flags }, { state }) => {
      checkPositive(params.length, "nparams", "virDomainSetInterfaceParameters");
      checkFlags(flags, impact, "testDomainSetInterfaceParameters");
      checkParameters(params, known);
      const found = findInterface(state.world.domain(dom).definitionFor(flags).definition, device);
      // Without one of these nothing is said about that way, were it but to take its bounds away.
      const isSaid = (way: Way) =>
        ["average", "floor"].some((part) => numberOf(params, `${way}.${part}`) !== undefined);
      const rates = ways.filter(isSaid).map((way) => {
        const given = parts[way].map((part) => [part, numberOf(params, `${way}.${part}`) ?? 0]);
        return [way, { ...noRate, ...Object.fromEntries(given) }];
      });
      setRates(found, Object.fromEntries(rates));
    })
    .on(remote.domainGetInterfaceParameters, ({ dom, device, nparams, flags }, { state }) => {
      checkRoom(nparams, remote.REMOTE_DOMAIN_INTERFACE_PARAMETERS_MAX);
      checkFlags(flags, readable, "testDomainGetInterfaceParameters");
      if (nparams === 0) return { params: [], nparams: all.length };
      const found = findInterface(state.world.domain(dom).definitionFor(flags).definition, device);
      return parameterReply(
        nparams,
        all.map(({ way, part, name }) => uintParam(name, rateOf(found, way)[part])),
      );
    });
}

function ioTuneHandlers(handlers: DriverHandlers): void {
  const group = DOMAIN_BLOCK_IOTUNE_GROUP_NAME;
  const known = Object.fromEntries(ioTuneNames.map((name) => [name, name === group ? STRING : ULLONG]));
  handlers
    .on(remote.domainSetBlockIoTune, ({ dom, disk, params, flags }, { state }) => {
      checkPositive(params.length, "nparams", "virDomainSetBlockIoTune");
      checkFlags(flags, impact, "testDomainSetBlockIoTune");
      checkParameters(params, known);
      const found = findDisk(state.world.domain(dom).definitionFor(flags).definition, disk, true);
      if (!found) {
        const detail = `missing persistent configuration for disk '${disk}'`;
        throw driverError(ErrorNumber.INVALID_ARG, detail);
      }
      for (const { field } of params) checkIoTuneValue(bigintOf(params, field) ?? 0n);
      setIoTune(found, Object.fromEntries(params.map(({ field, value }) => [field, String(value.value)])));
    })
    .on(remote.domainGetBlockIoTune, ({ dom, disk, nparams, flags }, { state }) => {
      const cFunction = "virDomainGetBlockIoTune";
      checkRoom(nparams, remote.REMOTE_DOMAIN_BLOCK_IO_TUNE_PARAMETERS_MAX);
      if (nparams !== 0 && disk === null) {
        throw invalidArgument(cFunction, "disk", `disk in ${cFunction} must not be NULL`);
      }
      checkOneImpact(flags, cFunction);
      checkFlags(flags, readable, "testDomainGetBlockIoTune");
      if (nparams === 0) return { params: [], nparams: ioTuneNames.length };
      const found = findDisk(state.world.domain(dom).definitionFor(flags).definition, disk ?? "", true);
      if (!found) {
        const detail = `disk '${disk}' was not found in the domain config`;
        throw driverError(ErrorNumber.INVALID_ARG, detail);
      }
      const tune = ioTune(found);
      const params = ioTuneNames.map((name) =>
        name === group ? stringParam(name, tune[name] ?? "") : ullongParam(name, BigInt(tune[name] ?? 0)),
      );
      return parameterReply(nparams, params);
    });
}

function perfHandlers(handlers: DriverHandlers): void {
  const known = Object.fromEntries(perfEventNames.map((name) => [name, BOOLEAN]));
  handlers
    .on(remote.domainSetPerfEvents, ({ dom, params, flags }, { state }) => {
      checkPositive(params.length, "nparams", "virDomainSetPerfEvents");
      checkFlags(flags, impact, "testDomainSetPerfEvents");
      checkParameters(params, known);
      const { definition } = state.world.domain(dom).definitionFor(flags);
      for (const { field, value } of params) setPerfEvent(definition, field, value.value !== 0);
    })
    .on(remote.domainGetPerfEvents, ({ dom, flags }, { state }) => {
      checkFlags(flags, readable, "testDomainGetPerfEvents");
      const { definition } = state.world.domain(dom).definitionFor(flags);
      return { params: perfEventNames.map((name) => booleanParam(name, isPerfEventOn(definition, name))) };
    });
}
