import type { Docs } from "./doc.js";

const noCheckpoint = { NO_DOMAIN_CHECKPOINT: "the checkpoint is gone." };
const noSnapshot = { NO_DOMAIN_SNAPSHOT: "the snapshot is gone." };

const checkpointXML = "XML with root `<domaincheckpoint>`.";
const snapshotXML = "XML with root `<domainsnapshot>`.";

/** Snapshots and checkpoints: classes DomainSnapshot and DomainCheckpoint, and the methods of Domain about them. */
export const snapshotDocs: Docs = {
  virDomainCheckpointCreateXML: {
    summary:
      "Makes a checkpoint: from now on the domain's disks record which blocks change, for later backups.",
    params: {
      xmlDesc: `${checkpointXML} Names the checkpoint and the disks that take part.`,
    },
    errors: {
      CHECKPOINT_INCONSISTENT:
        "`DomainCheckpointCreateFlags.REDEFINE_VALIDATE` was given, and a disk has no sound record of its changes.",
      CONFIG_UNSUPPORTED: "a disk's format cannot record changes.",
      OPERATION_UNSUPPORTED: "the domain is not running.",
    },
  },
  virDomainCheckpointDelete: {
    summary:
      "Deletes the checkpoint, whose record of changes passes to its parent, or its descendants, or both.",
    errors: {
      ...noCheckpoint,
      OPERATION_UNSUPPORTED: "the domain is not running, and more than metadata was to go.",
    },
  },
  virDomainCheckpointGetConnect: { summary: "Gives the connection that this checkpoint was obtained from." },
  virDomainCheckpointGetDomain: { summary: "Gives the domain that this is a checkpoint of." },
  virDomainCheckpointGetName: { summary: "Gives the checkpoint's name." },
  virDomainCheckpointGetParent: {
    summary: "Gives the checkpoint that this one follows.",
    errors: { NO_DOMAIN_CHECKPOINT: "it is the first, or gone." },
  },
  virDomainCheckpointGetXMLDesc: {
    summary: "Describes the checkpoint in XML, with the domain as it was, unless the flags leave that out.",
    returns: `${checkpointXML} With \`DomainCheckpointXMLFlags.SIZE\`, it has for each disk about how many bytes have changed since.`,
    errors: {
      ...noCheckpoint,
      OPERATION_DENIED: "`DomainCheckpointXMLFlags.SECURE` was asked over a read-only connection.",
      OPERATION_INVALID: "`DomainCheckpointXMLFlags.SIZE` was asked of a domain that is off.",
    },
  },
  virDomainCheckpointListAllChildren: {
    summary: "Lists the checkpoints that follow this one directly, or with a flag all its descendants.",
    returns:
      "In no particular order, but with `DomainCheckpointListFlags.TOPOLOGICAL` parents before children.",
    errors: noCheckpoint,
  },
  virDomainCheckpointLookupByName: {
    summary: "Finds a checkpoint of the domain by its name.",
    params: { name: "The name, exactly." },
    errors: { NO_DOMAIN_CHECKPOINT: "there is no such checkpoint." },
  },
  virDomainHasCurrentSnapshot: { summary: "Tells whether one of the domain's snapshots is current." },
  virDomainListAllCheckpoints: {
    summary: "Lists the domain's checkpoints: all, or those that the flags select.",
    returns:
      "In no particular order, but with `DomainCheckpointListFlags.TOPOLOGICAL` parents before children.",
  },
  virDomainListAllSnapshots: {
    summary: "Lists the domain's snapshots: all, or those that the flags select.",
    returns:
      "In no particular order, but with `DomainSnapshotListFlags.TOPOLOGICAL` parents before children.",
  },
  virDomainRevertToSnapshot: {
    summary: "Takes the domain back to this snapshot; what happened since is lost.",
    errors: {
      ...noSnapshot,
      OPERATION_INVALID:
        "a disk has a job in progress, or a transient domain would be left off: have it running or paused by a flag.",
      OPERATION_UNSUPPORTED: "the driver cannot go back to a snapshot of this kind.",
      SNAPSHOT_REVERT_RISKY:
        "something is missing or might be damaged; `DomainSnapshotRevertFlags.FORCE` goes ahead regardless.",
    },
  },
  virDomainSnapshotCreateXML: {
    summary:
      "Makes a snapshot of the domain's disks and, if it is running and no flag says otherwise, its memory.",
    params: {
      xmlDesc: `${snapshotXML} Everything in it may be left out: name, disks, where memory goes.`,
    },
    returns: "The snapshot, which is now the domain's current one.",
    errors: {
      CONFIG_UNSUPPORTED:
        "a disk cannot take part, its file exists already, or internal and external parts are mixed.",
      OPERATION_FAILED: "the name is taken.",
      OPERATION_INVALID: "`DomainSnapshotCreateFlags.HALT` was asked of a transient domain.",
      OPERATION_UNSUPPORTED:
        "the flags ask for what this kind of snapshot cannot do, or a checkpoint stands against it.",
      XML_INVALID_SCHEMA: "the XML breaks libvirt's schema, and `VALIDATE` was among the flags.",
    },
  },
  virDomainSnapshotCurrent: {
    summary: "Gives the domain's current snapshot: the last one made or gone back to.",
    errors: { NO_DOMAIN_SNAPSHOT: "there is none." },
  },
  virDomainSnapshotDelete: {
    summary: "Deletes the snapshot, whose changes pass to its children, or its descendants, or both.",
    errors: {
      ...noSnapshot,
      CONFIG_UNSUPPORTED: "it is an external snapshot whose place in the tree forbids this.",
      OPERATION_UNSUPPORTED: "a disk has a job in progress, or is no longer the one that the snapshot knows.",
    },
  },
  virDomainSnapshotGetConnect: { summary: "Gives the connection that this snapshot was obtained from." },
  virDomainSnapshotGetDomain: { summary: "Gives the domain that this is a snapshot of." },
  virDomainSnapshotGetName: { summary: "Gives the snapshot's name." },
  virDomainSnapshotGetParent: {
    summary: "Gives the snapshot that this one was made upon.",
    errors: { NO_DOMAIN_SNAPSHOT: "it has no parent, or is gone." },
  },
  virDomainSnapshotGetXMLDesc: {
    summary: "Describes the snapshot in XML, with the domain as it was.",
    returns: `${snapshotXML} Passwords are left out, unless \`DomainSnapshotXMLFlags.SECURE\` asks for them.`,
    errors: {
      ...noSnapshot,
      OPERATION_DENIED: "`DomainSnapshotXMLFlags.SECURE` was asked over a read-only connection.",
    },
  },
  virDomainSnapshotHasMetadata: {
    summary:
      "Tells whether libvirt itself keeps data on the snapshot, which stand against undefining the domain.",
    errors: noSnapshot,
  },
  virDomainSnapshotIsCurrent: {
    summary: "Tells whether this snapshot is the current one of its domain.",
    errors: noSnapshot,
  },
  virDomainSnapshotListAllChildren: {
    summary: "Lists the snapshots made directly upon this one, or with a flag all its descendants.",
    returns:
      "In no particular order, but with `DomainSnapshotListFlags.TOPOLOGICAL` parents before children.",
    errors: noSnapshot,
  },
  virDomainSnapshotListChildrenNames: {
    summary: "Lists the names of the snapshots made upon this one; `listAllChildren` gives objects.",
    errors: noSnapshot,
  },
  virDomainSnapshotListNames: {
    summary: "Lists the names of the domain's snapshots; `listAllSnapshots` gives objects.",
  },
  virDomainSnapshotLookupByName: {
    summary: "Finds a snapshot of the domain by its name.",
    params: { name: "The name, exactly." },
    errors: { NO_DOMAIN_SNAPSHOT: "there is no such snapshot." },
  },
  virDomainSnapshotNum: { summary: "Counts the domain's snapshots: all, or those that the flags select." },
  virDomainSnapshotNumChildren: {
    summary: "Counts the snapshots made directly upon this one, or with a flag all its descendants.",
    errors: noSnapshot,
  },
};
