import { NetworkUpdateCommand as Command } from "../../../generated/constants.js";
import { element } from "../xml/element.js";
import { networkOrder } from "./order.js";
import { readPortGroup } from "./read-ports.js";
import { refuse } from "./refuse.js";
import {
  checkElement,
  insert,
  isAdding,
  refuseChange,
  refuseCommand,
  refuseModify,
  replace,
  type SectionUpdate,
} from "./section.js";

/** What the network goes over. */
export function updateForwardInterface(update: SectionUpdate): void {
  checkElement(update);
  const { network, given, command, name } = update;
  if (command === Command.MODIFY) refuseModify("forward interface entries");
  const dev = given.attribute("dev");
  if (dev === undefined) refuse("missing dev attribute in <interface> element");
  const forward = network.child("forward");
  const found = forward?.childrenNamed("interface").find((each) => each.attribute("dev") === dev);
  const named = `<interface dev='${dev}'>`;
  if (isAdding(command)) {
    if (found) {
      refuseChange(`there is an existing interface entry in network '${name}' that matches "${named}"`);
    }
    // A network that goes nowhere takes it, and has it nowhere to show.
    if (forward) insert(forward, element("interface", { dev }), command, ["nat", "pf", "interface"]);
  } else if (command === Command.DELETE) {
    if (!found) refuseChange(`couldn't find an interface entry in network '${name}' matching ${named}`);
    forward?.remove(found);
  } else refuseCommand(command);
  forward?.setAttribute("dev", forward.child("interface")?.attribute("dev"));
}

/** How those are connected that ask for a kind of port. */
export function updatePortGroup(update: SectionUpdate): void {
  checkElement(update);
  const { network, given, command, name } = update;
  readPortGroup(given);
  const groups = network.childrenNamed("portgroup");
  const found = groups.find((each) => each.attribute("name") === given.attribute("name"));
  const named = `<portgroup name='${given.attribute("name")}'>`;
  if (!found && (command === Command.MODIFY || command === Command.DELETE)) {
    refuseChange(`couldn't find a portgroup entry in network '${name}' matching ${named}`);
  }
  if (found && isAdding(command)) {
    refuseChange(`there is an existing portgroup entry in network '${name}' that matches "${named}"`);
  }
  const usual = groups.find((each) => each.attribute("default") === "yes");
  if (command !== Command.DELETE && given.attribute("default") === "yes" && usual && usual !== found) {
    const detail = `a different portgroup entry in network '${name}' is already set as the default.`;
    refuseChange(`${detail} Only one default is allowed.`);
  }
  if (isAdding(command)) insert(network, given, command, networkOrder);
  else if (command === Command.DELETE && found) network.remove(found);
  else if (command === Command.MODIFY && found) replace(network, found, given);
  else refuseCommand(command);
}
