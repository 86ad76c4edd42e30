import {
  ConnectGetAllDomainStatsFlags,
  DomainMessageType,
  DomainStatsTypes,
  ErrorNumber,
  TypedParameterFlags,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { formatUuid } from "../../../uuid.js";
import type { Domain } from "../domain/domain.js";
import { domainFilter } from "../domain/list.js";
import {
  blockInfo,
  blockStatistics,
  type CpuTimes,
  cpuTimes,
  diskErrors,
  interfaceStatistics,
  knownStatistics,
  memoryStatistics,
  setMemoryStatisticsPeriod,
  totalCpuTimes,
} from "../domain/statistics.js";
import { checkFlags, checkNonNegative, driverError, invalidArgument } from "../errors.js";
import { passesFilter } from "../filter.js";
import type { ClientState, DriverHandlers } from "../state.js";
import { intParam, uintParam, ullongParam } from "../typed-params.js";
import { domainToWire } from "../wire.js";
import { impact, refuseRoom } from "./tunables.js";

/** What domains have used, done and complained of. */
export function domainStatisticsHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainBlockStats, ({ dom, path }, { state }) => {
      if (path === "") {
        throw driverError(ErrorNumber.OPERATION_UNSUPPORTED, "summary statistics are not supported yet");
      }
      return blockStatistics(state.world.domain(dom), path);
    })
    .on(remote.domainInterfaceStats, ({ dom, device }, { state }) =>
      interfaceStatistics(state.world.domain(dom), device),
    )
    .on(remote.domainGetBlockInfo, ({ dom, path, flags }, { state }) => {
      if (path === "") {
        const cFunction = "virDomainGetBlockInfo";
        throw invalidArgument(cFunction, "disk", `string disk in ${cFunction} must not be empty`);
      }
      checkFlags(flags, 0, "testDomainGetBlockInfo");
      return blockInfo(state.world.domain(dom).current, path);
    })
    .on(remote.domainGetDiskErrors, ({ dom, maxerrors, flags }, { state }) => {
      if (maxerrors > remote.REMOTE_DOMAIN_DISK_ERRORS_MAX) refuseRoom("maxerrors too large");
      checkFlags(flags, 0, "testDomainGetDiskErrors");
      const all = diskErrors(state.world.domain(dom));
      if (maxerrors === 0) return { errors: [], nerrors: all.length };
      const errors = all.slice(0, maxerrors);
      return { errors, nerrors: errors.length };
    })
    .on(remote.domainMemoryStats, ({ dom, maxStats, flags }, { state }) => {
      if (maxStats > remote.REMOTE_DOMAIN_MEMORY_STATS_MAX) {
        refuseRoom("maxStats > REMOTE_DOMAIN_MEMORY_STATS_MAX");
      }
      if (maxStats === 0) return { stats: [] };
      checkFlags(flags, 0, "testDomainMemoryStats");
      return { stats: memoryStatistics(state.world.domain(dom)).slice(0, maxStats) };
    })
    .on(remote.domainSetMemoryStatsPeriod, ({ dom, period, flags }, { state }) => {
      checkNonNegative(period, "period", "virDomainSetMemoryStatsPeriod");
      checkFlags(flags, impact, "testDomainSetMemoryStatsPeriod");
      setMemoryStatisticsPeriod(state.world.domain(dom).definitionFor(flags).definition, period);
    })
    .on(remote.domainGetCpuStats, (args, { state }) => cpuStatistics(state, args))
    .on(remote.connectGetAllDomainStats, ({ doms, stats, flags }, { state }) => ({
      retStats: domainsFor(state, doms, stats, flags).map((domain) => ({
        dom: domainToWire(domain),
        params: statisticsOf(domain, stats || knownStatistics),
      })),
    }))
    .on(remote.domainGetMessages, ({ dom, flags }, { state }) => {
      const { DEPRECATION, TAINTING, IOERRORS } = DomainMessageType;
      checkFlags(flags, DEPRECATION | TAINTING | IOERRORS, "testDomainGetMessages");
      const { messages } = state.world.domain(dom);
      return {
        msgs: [
          ...(flags === 0 || flags & TAINTING ? messages.tainting : []),
          ...(flags === 0 || flags & DEPRECATION ? messages.deprecation : []),
        ],
      };
    });
}

/** For the whole domain if the first CPU is -1, else for some of the host's CPUs, one after the other. */
function cpuStatistics(
  { world }: ClientState,
  args: remote.DomainGetCpuStatsArgs,
): remote.DomainGetCpuStatsRet {
  const { dom, nparams, startCpu, ncpus, flags } = args;
  const cFunction = "virDomainGetCPUStats";
  if (nparams > remote.REMOTE_NODE_CPU_STATS_MAX) refuseRoom("nparams too large");
  if (ncpus > remote.REMOTE_DOMAIN_GET_CPU_STATS_NCPUS_MAX) refuseRoom("ncpus too large");
  if (startCpu === -1 && ncpus !== 1) {
    throw invalidArgument(cFunction, "start_cpu", "ncpus must be 1 when start_cpu is -1");
  }
  if (startCpu < -1) {
    throw invalidArgument(cFunction, "start_cpu", `start_cpu in ${cFunction} must be zero or greater`);
  }
  if (ncpus === 0 && nparams !== 0) {
    throw invalidArgument(cFunction, "params", `params in ${cFunction} must not be NULL`);
  }
  checkFlags(flags, TypedParameterFlags.STRING_OKAY, "testDomainGetCPUStats");
  world.domain(dom).checkActive();

  const { cores } = world.host.info;
  const all = startCpu === -1 ? [totalCpuTimes()] : cpuTimes(cores);
  if (ncpus === 0) return { params: [], nparams: all.length };
  if (startCpu >= all.length && nparams !== 0) {
    const detail = `start_cpu ${startCpu} larger than maximum of ${all.length - 1}`;
    throw driverError(ErrorNumber.INVALID_ARG, detail);
  }
  const first = Math.max(0, startCpu);
  const names = Object.keys(all[0] ?? {});
  if (nparams === 0) return { params: [], nparams: names.length };
  const params = all.slice(first, first + ncpus).flatMap((times) => cpuParams(times).slice(0, nparams));
  return { params, nparams: Math.min(nparams, names.length) };
}

function cpuParams(times: CpuTimes): remote.TypedParam[] {
  return Object.entries(times).map(([name, value]) => ullongParam(name, value));
}

const listFlags =
  ConnectGetAllDomainStatsFlags.ACTIVE |
  ConnectGetAllDomainStatsFlags.INACTIVE |
  ConnectGetAllDomainStatsFlags.PERSISTENT |
  ConnectGetAllDomainStatsFlags.TRANSIENT |
  ConnectGetAllDomainStatsFlags.RUNNING |
  ConnectGetAllDomainStatsFlags.PAUSED |
  ConnectGetAllDomainStatsFlags.SHUTOFF |
  ConnectGetAllDomainStatsFlags.OTHER;

/** The domains that are asked for, or all, that pass the filter. Those that are no longer there are left out. */
function domainsFor(
  { world }: ClientState,
  doms: readonly remote.NonnullDomain[],
  stats: number,
  flags: number,
): Domain[] {
  const { NOWAIT, BACKING, ENFORCE_STATS } = ConnectGetAllDomainStatsFlags;
  checkFlags(flags, listFlags | NOWAIT | BACKING | ENFORCE_STATS, "testConnectGetAllDomainStats");
  const unknown = (stats & ~knownStatistics) >>> 0;
  if (flags & ENFORCE_STATS && unknown !== 0) {
    const detail = `Stats types bits 0x${unknown.toString(16)} are not supported by this daemon`;
    throw driverError(ErrorNumber.ARGUMENT_UNSUPPORTED, detail);
  }
  const asked =
    doms.length === 0 ? [...world.domains] : doms.map(({ uuid }) => world.domains.byUuid(formatUuid(uuid)));
  return asked
    .filter((domain) => domain !== undefined)
    .filter((domain) => passesFilter(domain, flags & listFlags, domainFilter));
}

function statisticsOf(domain: Domain, stats: number): remote.TypedParam[] {
  const params: remote.TypedParam[] = [];
  if (stats & DomainStatsTypes.STATE) {
    params.push(intParam("state.state", domain.state), intParam("state.reason", domain.reason));
  }
  if (stats & DomainStatsTypes.IOTHREAD && domain.isActive && domain.ioThreads.size > 0) {
    params.push(uintParam("iothread.count", domain.ioThreads.size));
    for (const [id, polling] of domain.ioThreads) {
      params.push(
        ullongParam(`iothread.${id}.poll-max-ns`, polling.poll_max_ns),
        uintParam(`iothread.${id}.poll-grow`, polling.poll_grow),
        uintParam(`iothread.${id}.poll-shrink`, polling.poll_shrink),
      );
    }
  }
  return params;
}
