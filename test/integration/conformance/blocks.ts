import { describe, it } from "vitest";
import {
  DomainBlockCommitFlags,
  DomainBlockCopyFlags,
  DomainBlockJobAbortFlags,
  DomainBlockResizeFlags,
  DomainSnapshotCreateFlags,
  DomainSnapshotDeleteFlags,
} from "../../../src/index.js";
import type { PyObject, PyValue } from "../../support/differential.js";
import type { Both } from "./both.js";
import { COMPLETED, startGuest, until } from "./qemu.js";
import { images, type World } from "./world.js";

const blockJob = (domain: PyObject) =>
  domain.call("blockJobInfo", "vda", 0) as Promise<Record<string, PyValue>>;

/** All is copied, and the job waits for its end. */
async function ready(domain: PyObject): Promise<boolean> {
  return String(await domain.call("XMLDesc", 0)).includes("ready='yes'");
}

async function noBlockJob(domain: PyObject): Promise<boolean> {
  return Object.keys(await blockJob(domain)).length === 0;
}

async function noJob(domain: PyObject): Promise<boolean> {
  const [type] = (await domain.call("jobInfo")) as PyValue[];
  return type === 0;
}

const overlay = (file: string) => `<domainsnapshot><disks>
  <disk name="vda" snapshot="external"><source file="${images}/${file}.qcow2"/></disk>
</disks></domainsnapshot>`;
const diskOnly = DomainSnapshotCreateFlags.DISK_ONLY | DomainSnapshotCreateFlags.NO_METADATA;

export function blockScenarios(world: () => World): void {
  describe("a disk of QEMU's", () => {
    let domain: Both;

    it("is committed, copied, pulled and rebased the same way", async () => {
      domain = await startGuest(world(), await world().driver("qemu"), "blocks");
      await domain.change(
        ["virDomainBlockResize", "vda", 2_097_152n, DomainBlockResizeFlags.BYTES],
        ["virDomainBlockResize", "nonsense", 1n, 0],
        ["virDomainSnapshotCreateXML", overlay("one"), diskOnly],
      );
      await domain.begin(["virDomainBlockCommit", "vda", null, null, 0n, DomainBlockCommitFlags.ACTIVE]);
      await until(domain, ready);
      await domain.change(
        ["virDomainGetBlockJobInfo", "vda", 0],
        ["virDomainBlockJobSetSpeed", "vda", 1024n, 0],
        ["virDomainBlockJobAbort", "vda", DomainBlockJobAbortFlags.PIVOT],
        ["virDomainBlockJobAbort", "vda", 0],
      );
      const copy = `<disk type="file"><source file="${images}/copy.qcow2"/><driver type="qcow2"/></disk>`;
      const transient = DomainBlockCopyFlags.TRANSIENT_JOB;
      await domain.begin(["virDomainBlockCopy", "vda", copy, { granularity: 65536 }, transient]);
      await until(domain, ready);
      await domain.change(
        ["virDomainBlockJobAbort", "vda", DomainBlockJobAbortFlags.PIVOT],
        ["virDomainSnapshotCreateXML", overlay("two"), diskOnly],
      );
      await domain.begin(["virDomainBlockPull", "vda", 0n, 0]);
      await until(domain, noBlockJob);
      await domain.change(
        ["virDomainSnapshotCreateXML", overlay("three"), diskOnly],
        ["virDomainBlockRebase", "vda", `${images}/nonsense.qcow2`, 0n, 0],
      );
      await domain.begin(["virDomainBlockRebase", "vda", null, 0n, 0]);
      await until(domain, noBlockJob);
      await domain.read(["virDomainBlockStatsFlags", "vda", 0], ["virDomainGetDiskErrors", 0]);
    });

    it("has the same snapshots", async () => {
      const xml = (name: string) => `<domainsnapshot><name>${name}</name></domainsnapshot>`;
      await domain.change(
        ["virDomainSnapshotCreateXML", xml("first"), 0],
        ["virDomainSnapshotCreateXML", xml("second"), 0],
        ["virDomainSnapshotCreateXML", xml("second"), 0],
      );
      await domain.read(["virDomainListAllSnapshots", 0], ["virDomainSnapshotCurrent", 0]);
      const first = await domain.find("virDomainSnapshotLookupByName", "first", 0);
      await first.read(
        ["virDomainSnapshotGetXMLDesc", 0],
        ["virDomainSnapshotListAllChildren", 0],
        ["virDomainSnapshotGetParent", 0],
      );
      await first.change(
        ["virDomainRevertToSnapshot", 0],
        ["virDomainSnapshotDelete", DomainSnapshotDeleteFlags.CHILDREN],
      );
    });

    it("has the same checkpoints and backups", async () => {
      const xml = `<domaincheckpoint>
        <name>first</name><disks><disk name="vda" checkpoint="bitmap"/></disks>
      </domaincheckpoint>`;
      await domain.change(
        ["virDomainCheckpointCreateXML", xml, 0],
        ["virDomainCheckpointCreateXML", xml, 0],
        ["virDomainBackupGetXMLDesc", 0],
      );
      const push = `<domainbackup mode="push"><disks><disk name="vda" type="file" backup="yes">
        <target file="${images}/backup.qcow2"/><driver type="qcow2"/>
      </disk></disks></domainbackup>`;
      await domain.begin(["virDomainBackupBegin", push, null, 0]);
      await until(domain, noJob);
      const pull = `<domainbackup mode="pull"><server transport="unix" socket="${images}/backup.sock"/><disks>
        <disk name="vda" backup="yes" type="file"><scratch file="${images}/scratch.qcow2"/></disk>
      </disks></domainbackup>`;
      await domain.read(["virDomainGetJobStats", COMPLETED]);
      await domain.change(["virDomainBackupBegin", pull, null, 0]);
      await domain.read(["virDomainBackupGetXMLDesc", 0], "virDomainGetJobInfo", ["virDomainGetJobStats", 0]);
      await domain.change(
        ["virDomainAbortJobFlags", 0],
        ["virDomainBackupBegin", pull, null, 0],
        "virDomainAbortJob",
        "virDomainAbortJob",
      );
      const checkpoint = await domain.find("virDomainCheckpointLookupByName", "first", 0);
      await checkpoint.read(["virDomainCheckpointGetXMLDesc", 0]);
      await checkpoint.change(["virDomainCheckpointDelete", 0]);
    });
  });
}
