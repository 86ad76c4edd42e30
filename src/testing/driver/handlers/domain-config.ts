import {
  DomainMemoryModFlags,
  DomainModificationImpact,
  DomainVcpuFlags,
  DomainXMLFlags,
  ErrorDomain,
  ErrorNumber,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import {
  checkDomainDescription,
  checkDomainRequest,
  getDescription,
  setDescription,
} from "../domain/descriptions.js";
import { setMemory } from "../domain/memory.js";
import { checkVcpuCount, checkVcpuFlags, getVcpus, setVcpus } from "../domain/vcpus.js";
import { checkFlags, checkNonZero, driverError } from "../errors.js";
import type { DriverHandlers } from "../state.js";
import { checkOneImpact, impact } from "./tunables.js";

const { LIVE } = DomainModificationImpact;

/** What a domain is made of: its XML, memory, CPUs and descriptions. */
export function domainConfigHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainGetXmlDesc, ({ dom, flags }, { state, readonly }) => {
      const { SECURE, INACTIVE, MIGRATABLE } = DomainXMLFlags;
      if (readonly && flags & (SECURE | MIGRATABLE)) {
        const detail = "virDomainGetXMLDesc with secure flag";
        throw driverError(ErrorNumber.OPERATION_DENIED, detail, ErrorDomain.DOMAIN);
      }
      checkFlags(flags, SECURE | INACTIVE | MIGRATABLE, "testDomainGetXMLDesc");
      const domain = state.world.domain(dom);
      const isInactive = (flags & INACTIVE) !== 0;
      return { xml: (isInactive ? domain.inactive : domain.current).format({ inactive: isInactive }) };
    })
    .on(remote.domainGetMaxMemory, ({ dom }, { state }) => ({
      memory: state.world.domain(dom).current.memory,
    }))
    .on(remote.domainSetMaxMemory, ({ dom, memory }, { state }) => {
      checkNonZero(memory, "memory", "virDomainSetMaxMemory");
      setMemory(state.world.domain(dom), memory, DomainMemoryModFlags.MAXIMUM);
    })
    .on(remote.domainSetMemory, ({ dom, memory }, { state }) => {
      checkNonZero(memory, "memory", "virDomainSetMemory");
      setMemory(state.world.domain(dom), memory, LIVE);
    })
    .on(remote.domainSetMemoryFlags, ({ dom, memory, flags }, { state }) => {
      checkNonZero(memory, "memory", "virDomainSetMemoryFlags");
      checkFlags(flags, impact | DomainMemoryModFlags.MAXIMUM, "testDomainSetMemoryFlags");
      setMemory(state.world.domain(dom), memory, flags);
    })
    .on(remote.domainGetMaxVcpus, ({ dom }, { state }) => ({
      num: getVcpus(state.world.domain(dom), LIVE | DomainVcpuFlags.MAXIMUM),
    }))
    .on(remote.domainGetVcpusFlags, ({ dom, flags }, { state, readonly }) => {
      if (readonly && flags & DomainVcpuFlags.GUEST) {
        const detail = "read only access prevents virDomainGetVcpusFlags";
        throw driverError(ErrorNumber.OPERATION_DENIED, detail, ErrorDomain.DOMAIN);
      }
      checkOneImpact(flags, "virDomainGetVcpusFlags");
      checkFlags(flags, impact | DomainVcpuFlags.MAXIMUM, "testDomainGetVcpusFlags");
      return { num: getVcpus(state.world.domain(dom), flags) };
    })
    .on(remote.domainSetVcpus, ({ dom, nvcpus }, { state }) => {
      checkNonZero(nvcpus, "nvcpus", "virDomainSetVcpus");
      checkVcpuCount(nvcpus);
      setVcpus(state.world.domain(dom), nvcpus, LIVE);
    })
    .on(remote.domainSetVcpusFlags, ({ dom, nvcpus, flags }, { state }) => {
      checkVcpuFlags(flags);
      checkNonZero(nvcpus, "nvcpus", "virDomainSetVcpusFlags");
      checkFlags(flags, impact | DomainVcpuFlags.MAXIMUM, "testDomainSetVcpusFlags");
      checkVcpuCount(nvcpus);
      setVcpus(state.world.domain(dom), nvcpus, flags);
    })
    .on(remote.domainGetMetadata, ({ dom, type, uri, flags }, { state }) => {
      checkOneImpact(flags, "virDomainGetMetadata");
      checkDomainRequest(type, uri);
      checkFlags(flags, impact, "testDomainGetMetadata");
      return { metadata: getDescription(state.world.domain(dom), type, uri, flags) };
    })
    .on(remote.domainSetMetadata, ({ dom, flags, ...description }, { state }) => {
      checkDomainDescription(description);
      checkFlags(flags, impact, "testDomainSetMetadata");
      setDescription(state.world.domain(dom), description, flags);
    });
}
