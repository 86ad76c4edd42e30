import {
  DomainCheckpointDeleteFlags,
  DomainCheckpointXMLFlags,
  ErrorDomain,
  ErrorNumber,
  DomainCheckpointCreateFlags as Flag,
  DomainCheckpointListFlags as List,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { type Checkpoint, createCheckpoint } from "../domain/checkpoint.js";
import type { Domain } from "../domain/domain.js";
import { checkExclusive, checkFlags, checkRequired, driverError } from "../errors.js";
import type { ClientState, DriverHandlers } from "../state.js";
import { listed } from "../wire.js";

const from = ErrorDomain.DOMAIN_CHECKPOINT;

/** Points from which on it is known what changes on domains' disks. */
export function domainCheckpointHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainCheckpointCreateXml, ({ dom, xmlDesc, flags }, { state }) => {
      const { REDEFINE, QUIESCE, REDEFINE_VALIDATE } = Flag;
      const cFunction = "virDomainCheckpointCreateXML";
      const redefine = [REDEFINE, "VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE"] as const;
      const quiesce = [QUIESCE, "VIR_DOMAIN_CHECKPOINT_CREATE_QUIESCE"] as const;
      const validate = [REDEFINE_VALIDATE, "VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE_VALIDATE"] as const;
      checkExclusive(flags, redefine, quiesce, cFunction, from);
      checkRequired(flags, validate, redefine, cFunction, from);
      checkFlags(flags, REDEFINE | QUIESCE, "testDomainCheckpointCreateXML");
      const { name } = createCheckpoint(state.world.domain(dom), xmlDesc, (flags & REDEFINE) !== 0);
      return { checkpoint: { name, dom } };
    })
    .on(remote.domainCheckpointGetXmlDesc, ({ checkpoint: chk, flags }, { state, readonly }) => {
      const { SECURE, NO_DOMAIN, SIZE } = DomainCheckpointXMLFlags;
      if (readonly && flags & SECURE) {
        const detail = "virDomainCheckpointGetXMLDesc with secure flag";
        throw driverError(ErrorNumber.OPERATION_DENIED, detail, from);
      }
      checkFlags(flags, SECURE | NO_DOMAIN | SIZE, "testDomainCheckpointGetXMLDesc");
      const { domain, checkpoint } = find(state, chk);
      if (flags & SIZE) domain.checkActive();
      return { xml: checkpoint.format({ domain: (flags & NO_DOMAIN) === 0 }) };
    })
    .on(remote.domainListAllCheckpoints, ({ dom, needResults, flags }, { state }) => {
      checkList(flags, "testDomainListAllCheckpoints");
      const domain = state.world.domain(dom);
      const { checkpoints } = domain;
      const found = flags & List.ROOTS ? checkpoints.children(undefined) : checkpoints.descendants(undefined);
      const { items, ret } = listed(passing(domain, found, flags), needResults);
      return { checkpoints: items.map(({ name }) => ({ name, dom })), ret };
    })
    .on(remote.domainCheckpointListAllChildren, ({ checkpoint: chk, needResults, flags }, { state }) => {
      checkList(flags, "testDomainCheckpointListAllChildren");
      const { domain, checkpoint } = find(state, chk);
      const { checkpoints } = domain;
      const found =
        flags & List.DESCENDANTS ? checkpoints.descendants(checkpoint) : checkpoints.children(checkpoint);
      const { items, ret } = listed(passing(domain, found, flags), needResults);
      return { checkpoints: items.map(({ name }) => ({ name, dom: chk.dom })), ret };
    })
    .on(remote.domainCheckpointLookupByName, ({ dom, name, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainCheckpointLookupByName");
      find(state, { dom, name });
      return { checkpoint: { name, dom } };
    })
    .on(remote.domainCheckpointGetParent, ({ checkpoint: chk, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainCheckpointGetParent");
      const { name, parentName } = find(state, chk).checkpoint;
      if (parentName !== undefined) return { parent: { name: parentName, dom: chk.dom } };
      throw driverError(ErrorNumber.NO_DOMAIN_CHECKPOINT, `checkpoint '${name}' does not have a parent`);
    })
    .on(remote.domainCheckpointDelete, ({ checkpoint: chk, flags }, { state }) => {
      const { CHILDREN, CHILDREN_ONLY, METADATA_ONLY } = DomainCheckpointDeleteFlags;
      const children = [CHILDREN, "VIR_DOMAIN_CHECKPOINT_DELETE_CHILDREN"] as const;
      const only = [CHILDREN_ONLY, "VIR_DOMAIN_CHECKPOINT_DELETE_CHILDREN_ONLY"] as const;
      checkExclusive(flags, children, only, "virDomainCheckpointDelete", from);
      checkFlags(flags, CHILDREN | METADATA_ONLY | CHILDREN_ONLY, "testDomainCheckpointDelete");
      const { domain, checkpoint } = find(state, chk);
      const removal = { children: (flags & CHILDREN) !== 0, childrenOnly: (flags & CHILDREN_ONLY) !== 0 };
      domain.checkpoints.remove(checkpoint, removal);
    });
}

function find({ world }: ClientState, { dom, name }: remote.NonnullDomainCheckpoint) {
  const domain = world.domain(dom);
  const checkpoint = domain.checkpoints.find(name);
  if (checkpoint) return { domain, checkpoint };
  const detail = `no domain checkpoint with matching name '${name}'`;
  throw driverError(ErrorNumber.NO_DOMAIN_CHECKPOINT, detail);
}

function checkList(flags: number, cFunction: string): void {
  checkFlags(flags, List.ROOTS | List.TOPOLOGICAL | List.LEAVES | List.NO_LEAVES, cFunction);
}

/** Of the moments of a domain's that have been found, those that the flags let pass. */
function passing({ checkpoints }: Domain, found: readonly Checkpoint[], flags: number): Checkpoint[] {
  const isLeaf = (checkpoint: Checkpoint) => checkpoints.children(checkpoint).length === 0;
  return found.filter((checkpoint) => {
    if (flags & List.LEAVES && !isLeaf(checkpoint)) return false;
    return !(flags & List.NO_LEAVES && isLeaf(checkpoint));
  });
}
