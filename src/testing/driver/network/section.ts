import { NetworkUpdateCommand as Command, ErrorNumber } from "../../../generated/constants.js";
import type { XmlElement } from "../xml/element.js";
import { refuse } from "./refuse.js";

/** What a section's change has to know. */
export interface SectionUpdate {
  /** What is to be changed. */
  readonly network: XmlElement;
  readonly name: string;
  /** What is to be there, or not to be. */
  readonly given: XmlElement;
  /** The name that it has to have. */
  readonly element: string;
  readonly command: number;
  readonly parentIndex: number;
}

export function checkElement({ given, element, name }: SectionUpdate): void {
  if (given.name === element) return;
  refuse(`unexpected element <${given.name}>, expecting <${element}>, while updating network '${name}'`);
}

export function isAdding(command: number): boolean {
  return command === Command.ADD_FIRST || command === Command.ADD_LAST;
}

/** Puts an element before or behind all those of its name. */
export function insert(
  parent: XmlElement,
  given: XmlElement,
  command: number,
  order: readonly string[],
): void {
  const fellows = parent.childrenNamed(given.name);
  if (command === Command.ADD_LAST || !fellows[0]) parent.place(given, order);
  else parent.nodes.splice(parent.nodes.indexOf(fellows[0]), 0, given);
}

export function replace(parent: XmlElement, old: XmlElement, given: XmlElement): void {
  parent.nodes[parent.nodes.indexOf(old)] = given;
}

export function refuseChange(detail: string): never {
  refuse(detail, ErrorNumber.OPERATION_INVALID);
}

export function refuseModify(what: string): never {
  refuse(`${what} cannot be modified, only added or deleted`, ErrorNumber.OPERATION_UNSUPPORTED);
}

export function refuseCommand(command: number): never {
  refuse(`unrecognized network update command code ${command}`, ErrorNumber.OPERATION_UNSUPPORTED);
}
