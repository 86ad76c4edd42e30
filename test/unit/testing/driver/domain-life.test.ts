import { describe, expect, test } from "vitest";
import { DomainState, ErrorNumber } from "../../../../src/generated/constants.js";
import type { Domain } from "../../../../src/testing/driver/domain/domain.js";
import { parseDomain } from "../../../../src/testing/driver/domain/read.js";
import { passesFilter, yesOrNo } from "../../../../src/testing/driver/filter.js";
import { uuidBytes } from "../../../../src/testing/driver/identity.js";
import { World } from "../../../../src/testing/driver/world.js";

const uuid = "c7a5fdbd-edaf-9455-926a-d65c16db1809";

function definition(more = "", name = "web", id = uuid) {
  return parseDomain(`<domain type="test"><name>${name}</name><uuid>${id}</uuid><memory>1024</memory>
    <os><type>hvm</type></os>${more}</domain>`);
}

/** A world, and what is heard of it: who, with which ID, which event, and why. */
function watched() {
  const world = new World();
  const heard: string[] = [];
  world.events.listen(({ name, subject, body }) => {
    heard.push(
      [
        name,
        "name" in subject && subject.name,
        "id" in subject ? subject.id : "",
        ...Object.values(body),
      ].join(" "),
    );
  });
  const told = () => heard.splice(0);
  return { world, told };
}

const stateOf = ({ state, reason }: Domain) => [state, reason];

describe("a domain's life", () => {
  test("is told, step by step", () => {
    const { world, told } = watched();
    const domain = world.domains.define(definition());
    world.domains.define(definition());
    expect(told()).toEqual(["domain.lifecycle web -1 0 0", "domain.lifecycle web -1 0 1"]);
    domain.create();
    domain.suspend();
    domain.resume();
    expect(stateOf(domain)).toEqual([DomainState.RUNNING, 5]);
    domain.shutdown();
    expect(stateOf(domain)).toEqual([DomainState.SHUTOFF, 1]);
    domain.create();
    domain.managedSave();
    domain.create();
    expect(domain.hasManagedSave).toBe(false);
    domain.destroy();
    expect(told()).toEqual([
      "domain.lifecycle web 1 2 0",
      "domain.lifecycle web 1 3 0",
      "domain.lifecycle web 1 4 0",
      "domain.lifecycle web -1 5 0",
      "domain.lifecycle web 2 2 0",
      "domain.lifecycle web -1 5 4",
      "domain.lifecycle web 3 2 0",
      "domain.lifecycle web -1 5 1",
    ]);
    domain.rename("shop");
    expect(world.domains.byName("web")).toBeUndefined();
    expect(world.domains.byName("shop")).toBe(domain);
    domain.undefine();
    expect([...world.domains]).toEqual([]);
    expect(told()).toEqual([
      "domain.lifecycle web -1 1 1",
      "domain.lifecycle shop -1 0 2",
      "domain.lifecycle shop -1 1 0",
    ]);
  });

  test("ends with its stop, if it is not persistent", () => {
    const { world, told } = watched();
    const domain = world.domains.create(definition(), "booted");
    expect(domain.isPersistent).toBe(false);
    domain.destroy();
    expect([...world.domains]).toEqual([]);
    expect(told()).toEqual(["domain.lifecycle web 1 2 0", "domain.lifecycle web 1 5 1"]);
  });

  test("goes on without a definition, until it stops", () => {
    const { world } = watched();
    const domain = world.domains.define(definition());
    domain.create();
    domain.undefine();
    expect([domain.isActive, domain.isPersistent, world.domains.size]).toEqual([true, false, 1]);
    domain.destroy();
    expect(world.domains.size).toBe(0);
  });

  test("is what its definition wants after it has shut down", () => {
    const { world } = watched();
    const domain = world.domains.define(
      definition("<on_poweroff>restart</on_poweroff><on_reboot>destroy</on_reboot>"),
    );
    domain.create();
    domain.shutdown();
    expect(stateOf(domain)).toEqual([DomainState.RUNNING, 1]);
    domain.reboot();
    expect(stateOf(domain)).toEqual([DomainState.SHUTOFF, 1]);
  });

  test("keeps what runs apart from what will run", () => {
    const { world } = watched();
    const domain = world.domains.define(definition());
    domain.create();
    domain.definitionFor(1).definition.currentMemory = 512n;
    world.domains.define(definition("<title>next</title>"));
    expect([domain.current.title, domain.current.currentMemory]).toEqual([undefined, 512n]);
    expect([domain.inactive.title, domain.inactive.currentMemory]).toEqual(["next", 1024n]);
    domain.destroy();
    expect([domain.current.title, domain.id]).toEqual(["next", -1]);
  });

  test("is never that of two domains with one name or one UUID", () => {
    const { world } = watched();
    world.domains.define(definition());
    const other = "c7a5fdbd-edaf-9455-926a-d65c16db180a";
    for (const each of [definition("", "web", other), definition("", "shop")]) {
      expect(() => world.domains.define(each)).toThrow(
        expect.objectContaining({ code: ErrorNumber.OPERATION_FAILED }),
      );
    }
    world.domains.create(definition(), "booted");
    expect(() => world.domains.create(definition(), "booted")).toThrow(/already active/);
  });

  test("has no steps that do not fit its state", () => {
    const { world, told } = watched();
    const domain = world.domains.define(definition());
    told();
    const steps = [
      () => domain.destroy(),
      () => domain.shutdown(),
      () => domain.reboot(),
      () => domain.suspend(),
      () => domain.resume(),
      () => domain.managedSave(),
      () => domain.rename("web"),
      () => domain.rename("a/b"),
      () => domain.definitionFor(1),
      () => domain.definitionFor(3),
    ];
    for (const step of steps) expect(step).toThrow();
    domain.create();
    for (const step of [() => domain.create(), () => domain.rename("shop"), () => domain.resume()]) {
      expect(step).toThrow();
    }
    expect(told()).toEqual(["domain.lifecycle web 1 2 0"]);
  });
});

test("a world names the domain that it has not", () => {
  expect(() => new World().domain({ name: "web", uuid: uuidBytes(uuid) })).toThrow(
    expect.objectContaining({
      code: ErrorNumber.NO_DOMAIN,
      message: `Domain not found: no domain with matching uuid '${uuid}' (web)`,
    }),
  );
});

test("who listens no longer hears nothing", () => {
  const { world, told } = watched();
  const heard: string[] = [];
  const stop = world.events.listen(({ name }) => heard.push(name));
  world.domains.define(definition());
  stop();
  world.domains.define(definition());
  expect([heard.length, told().length]).toEqual([1, 2]);
});

test.each([
  [0, [1, 2, 3, 4]],
  [1, [2, 4]],
  [2, [1, 3]],
  [3, [1, 2, 3, 4]],
  [4, [3, 4]],
  [5, [4]],
  [10, [1]],
])("the filter %i lets pass %j", (flags, expected) => {
  const groups = [yesOrNo<number>(1, 2, (n) => n % 2 === 0), yesOrNo<number>(4, 8, (n) => n > 2)];
  expect([1, 2, 3, 4].filter((n) => passesFilter(n, flags, groups))).toEqual(expected);
});
