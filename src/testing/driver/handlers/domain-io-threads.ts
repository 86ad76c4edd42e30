import {
  DOMAIN_IOTHREAD_POLL_GROW,
  DOMAIN_IOTHREAD_POLL_MAX_NS,
  DOMAIN_IOTHREAD_POLL_SHRINK,
  DomainModificationImpact,
  TypedParameterType,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { readCpuMap, writeCpuMap } from "../domain/cpu-map.js";
import {
  addIoThread,
  checkIoThreadId,
  type IoThreadPolling,
  ioThreadIds,
  ioThreadPin,
  pinIoThread,
  removeIoThread,
  setIoThreadPolling,
} from "../domain/io-threads.js";
import { checkFlags, invalidArgument } from "../errors.js";
import type { DriverHandlers } from "../state.js";
import { bigintOf, checkParameters, numberOf } from "../typed-params.js";
import { checkOneImpact, checkPositive, impact } from "./tunables.js";

/** The threads that do domains' input and output. */
export function domainIoThreadHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainGetIothreadInfo, ({ dom, flags }, { state }) => {
      checkOneImpact(flags, "virDomainGetIOThreadInfo");
      checkFlags(flags, impact, "testDomainGetIOThreadInfo");
      const { definition } = state.world.domain(dom).definitionFor(flags);
      const info = ioThreadIds(definition).map((id) => {
        const cpus = ioThreadPin(definition, id);
        return { iothreadId: id, cpumap: writeCpuMap(cpus, (Math.max(...cpus) >> 3) + 1) };
      });
      return { info, ret: info.length };
    })
    .on(remote.domainAddIothread, ({ dom, iothreadId, flags }, { state }) => {
      checkFlags(flags, impact, "testDomainAddIOThread");
      checkIoThreadId(iothreadId);
      addIoThread(state.world.domain(dom), iothreadId, flags);
    })
    .on(remote.domainDelIothread, ({ dom, iothreadId, flags }, { state }) => {
      if (iothreadId === 0) {
        const cFunction = "virDomainDelIOThread";
        throw invalidArgument(cFunction, "iothread_id", `iothread_id in ${cFunction} must not be zero`);
      }
      checkFlags(flags, impact, "testDomainDelIOThread");
      removeIoThread(state.world.domain(dom), iothreadId, flags);
    })
    .on(remote.domainPinIothread, ({ dom, iothreadsId, cpumap, flags }, { state }) => {
      checkPositive(cpumap.length, "maplen", "virDomainPinIOThread");
      checkFlags(flags, impact, "testDomainPinIOThread");
      pinIoThread(state.world.domain(dom).definitionFor(flags).definition, iothreadsId, readCpuMap(cpumap));
    })
    .on(remote.domainSetIothreadParams, ({ dom, iothreadId, params, flags }, { state }) => {
      checkPositive(params.length, "nparams", "virDomainSetIOThreadParams");
      checkFlags(flags, DomainModificationImpact.LIVE, "testDomainSetIOThreadParams");
      checkIoThreadId(iothreadId);
      setIoThreadPolling(state.world.domain(dom), iothreadId, flags, () => readPolling(params));
    });
}

function readPolling(params: readonly remote.TypedParam[]): Partial<IoThreadPolling> {
  checkParameters(params, {
    [DOMAIN_IOTHREAD_POLL_MAX_NS]: TypedParameterType.ULLONG,
    [DOMAIN_IOTHREAD_POLL_GROW]: TypedParameterType.UINT,
    [DOMAIN_IOTHREAD_POLL_SHRINK]: TypedParameterType.UINT,
  });
  const most = bigintOf(params, DOMAIN_IOTHREAD_POLL_MAX_NS);
  const grow = numberOf(params, DOMAIN_IOTHREAD_POLL_GROW);
  const shrink = numberOf(params, DOMAIN_IOTHREAD_POLL_SHRINK);
  return {
    ...(most !== undefined && { poll_max_ns: most }),
    ...(grow !== undefined && { poll_grow: grow }),
    ...(shrink !== undefined && { poll_shrink: shrink }),
  };
}
