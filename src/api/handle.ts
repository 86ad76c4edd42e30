import { formatUuid } from "../uuid.js";
import { Caller, type Conversation } from "./caller.js";

/**
 * An object of the daemon's, known by what the wire calls it. It holds nothing there, so there is nothing to free;
 * when what it stands for is gone, calls say so.
 */
export abstract class Handle<Owner extends Conversation, Ref> extends Caller<Owner> {
  override readonly connection: Owner;
  #ref: Ref;

  constructor(connection: Owner, ref: Ref) {
    super();
    this.connection = connection;
    this.#ref = ref;
  }

  /** What identifies the object on the wire. */
  get ref(): Ref {
    return this.#ref;
  }

  /** For what a call changes in the identity itself: a domain's ID, its name. */
  protected replaceRef(ref: Ref): void {
    this.#ref = ref;
  }

  /**
   * Gives the connection that the object belongs to, as `connection` does.
   *
   * C's `virDomainGetConnect`, `virDomainSnapshotGetConnect`, `virDomainCheckpointGetConnect`, `virNetworkGetConnect`,
   * `virInterfaceGetConnect`, `virStoragePoolGetConnect`, `virStorageVolGetConnect` and `virSecretGetConnect`; other
   * classes have it as well.
   */
  getConnect(): Owner {
    return this.connection;
  }

  /** The one value that stays with the thing as long as it exists, whatever else changes. */
  protected abstract identityKey(): string;

  /** Whether both stand for the same thing of the same connection, be they one instance or two. */
  equals(other: unknown): boolean {
    return (
      other instanceof Handle &&
      other.constructor === this.constructor &&
      other.connection === this.connection &&
      other.identityKey() === this.identityKey()
    );
  }
}

/** What most objects are known by. */
export interface NamedRef {
  readonly name: string;
  readonly uuid: Uint8Array;
}

/** An object with a name and a UUID. */
export abstract class NamedHandle<Owner extends Conversation, Ref extends NamedRef> extends Handle<
  Owner,
  Ref
> {
  #uuid: string | undefined;

  get name(): string {
    return this.ref.name;
  }

  /** The UUID's text. */
  get uuid(): string {
    this.#uuid ??= formatUuid(this.ref.uuid);
    return this.#uuid;
  }

  /**
   * Gives the name, which is at hand.
   *
   * C's `virDomainGetName`, `virNetworkGetName`, `virStoragePoolGetName` and `virNWFilterGetName`.
   */
  getName(): string {
    return this.name;
  }

  /**
   * Gives the UUID's 16 bytes; a copy, which is the caller's.
   *
   * C's `virDomainGetUUID`, `virNetworkGetUUID`, `virStoragePoolGetUUID` and `virNWFilterGetUUID`.
   */
  getUUID(): Uint8Array {
    return this.ref.uuid.slice();
  }

  /**
   * Gives the UUID as text, which is at hand.
   *
   * C's `virDomainGetUUIDString`, `virNetworkGetUUIDString`, `virStoragePoolGetUUIDString` and
   * `virNWFilterGetUUIDString`.
   */
  getUUIDString(): string {
    return this.uuid;
  }

  protected override identity(): Record<string, unknown> {
    return { name: this.name, uuid: this.uuid };
  }

  protected override identityKey(): string {
    return this.uuid;
  }
}
