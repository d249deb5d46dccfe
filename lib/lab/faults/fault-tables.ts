import { randomBetween } from '../../common/random';
import { allDone } from '../../common/all-done';
import { takingBack } from '../../common/take-back';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';
import { findTable } from '../../nft/list';

// Faults that keep packets from passing are chains of their own each, in the tables `inet lab-faults` and `netdev lab-faults` of the
// namespaces. So faults that lie over each other do not know of each other, and the kernel has all that there is to be known:
// the names of the chains say what kind of fault it is, which one, and what the namespace is to it.

type FaultFamily = 'inet' | 'netdev';

const FAMILIES: readonly FaultFamily[] = ['inet', 'netdev'];

const NAME = 'lab-faults';

/** The comment by which a table of this name is a lab's. */
const MARK = 'rtnetns: faults of a lab';

/** Before connection tracking and the rules of others (NF_IP_PRI_RAW is -300), so that connections that are there are cut, too. */
const PRIORITY = -310;

/** A set of addresses. */
interface FaultSet {
  readonly name: string;
  readonly key: 'ipv4_addr' | 'ipv6_addr';
  readonly addrs: readonly string[];
}

/** A chain, to which all packets come that arrive in a namespace, leave it, or come in by a device. */
interface FaultChain {
  readonly role: string;
  readonly hook: 'prerouting' | 'output' | { device: string };
  readonly rules: readonly FaultRule[];
}

interface FaultRule {
  readonly statements: readonly nft.Statement[];
  readonly comment?: string;
}

/** What a fault has in a namespace. */
export interface FaultRules {
  readonly netns: Netns;
  readonly sets: readonly FaultSet[];
  readonly chains: readonly FaultChain[];
}

/** A new fault's: 'partition-04d2f1'. */
export function newFaultId(kind: string): string {
  return `${kind}-${randomBetween(0, 0x1000000).toString(16).padStart(6, '0')}`;
}

/** A set of a fault's, to be used in its rules. */
export function setOf(name: string, key: FaultSet['key']): nft.NftSet {
  return { table: tableOf('inet'), name, key };
}

function tableOf(family: FaultFamily): nft.TableReference {
  return { family, name: NAME };
}

/** Makes a fault what it is to be, in the place of what it is. What fails leaves nothing of a fault that was not there. */
export async function putFault(id: string, rules: readonly FaultRules[]): Promise<void> {
  const put = allDone(rules.map(async (one) => putRules(id, one)));
  await put.catch(async (error: unknown) =>
    takingBack(error, async () =>
      dropFault(
        id,
        rules.map(({ netns }) => netns),
      ),
    ),
  );
}

async function putRules(id: string, { netns, sets, chains }: FaultRules): Promise<void> {
  const there = await listFaultTables(netns);
  const families = FAMILIES.filter((family) => chains.some((chain) => familyOf(chain) === family));
  // a table of this name without the mark is somebody else's
  const isThere = (family: FaultFamily): boolean => there.some(({ table }) => table.family === family);
  const how = (family: FaultFamily) => ({ ifExists: isThere(family) ? 'ignore' : 'fail' }) as const;
  await nft.apply(netns, [
    ...removal(id, there),
    ...families.map((family) => nft.addTable({ ...tableOf(family), comment: MARK }, how(family))),
    ...sets.flatMap(({ name, key, addrs }) => {
      const set = setOf(name, key);
      const elements = addrs.map((addr) => ({ key: addr }));
      return [nft.addSet(set), nft.addElements(set, elements)];
    }),
    ...chains.flatMap((chain) => chainOperations(id, chain)),
  ]);
}

function familyOf({ hook }: FaultChain): FaultFamily {
  return typeof hook === 'object' ? 'netdev' : 'inet';
}

function chainOperations(id: string, chain: FaultChain): nft.Operation[] {
  const { role, hook, rules } = chain;
  const place = { table: tableOf(familyOf(chain)), name: `${id}-${role}` };
  const where = typeof hook === 'object' ? ({ hook: 'ingress', devices: [hook.device] } as const) : { hook };
  return [
    nft.addChain({ ...place, type: 'filter', priority: PRIORITY, ...where }),
    ...rules.map(({ statements, ...options }) => nft.addRule(place, statements, options)),
  ];
}

/** Takes a fault away, with the tables in which there is no other one. */
export async function dropFault(id: string, places: Iterable<Netns>): Promise<void> {
  await allDone(
    [...new Set(places)]
      .filter(({ open }) => open)
      .map(async (netns) => {
        const operations = removal(id, await listFaultTables(netns));
        if (operations.length > 0) await nft.apply(netns, operations);
      }),
  );
}

/** Takes all faults away, whoever has made them. */
export async function dropAllFaults(places: Iterable<Netns>): Promise<void> {
  await allDone(
    [...places].map(async (netns) => {
      const tables = await listFaultTables(netns);
      if (tables.length > 0)
        await nft.apply(
          netns,
          tables.map(({ table }) => nft.deleteTable(table)),
        );
    }),
  );
}

/** A table of faults that is there. */
export interface ListedFaults {
  readonly table: nft.TableReference;
  /** 'partition-04d2f1-a' */
  readonly chains: readonly string[];
  readonly sets: readonly string[];
}

/** The tables of faults in a namespace. One that has not the mark is somebody else's. */
export async function listFaultTables(netns: Netns): Promise<ListedFaults[]> {
  const found = await Promise.all(
    FAMILIES.map(async (family) => {
      const table = tableOf(family);
      if ((await findTable(netns, table))?.comment !== MARK) return [];
      const { chains, sets } = await nft.listRuleset(netns, { family, table: NAME, elements: false });
      return [{ table, chains: chains.map(({ name }) => name), sets: sets.map(({ name }) => name) }];
    }),
  );
  return found.flat();
}

/** The comments of the rules by which impairments lose what comes in, with the devices by which it comes. */
export async function listFaultRules(netns: Netns): Promise<[device: string, comment: string][]> {
  const table = tableOf('netdev');
  if ((await findTable(netns, table))?.comment !== MARK) return [];
  const { chains, rules } = await nft.listRuleset(netns, { family: 'netdev', table: NAME, elements: false });
  const own = chains.filter(({ name }) => name.startsWith('impair-'));
  const devicesOf = new Map(own.map(({ name, devices = [] }) => [name, devices]));
  return rules.flatMap(({ chain, comment }) =>
    comment === undefined
      ? []
      : (devicesOf.get(chain.name) ?? []).map((device): [string, string] => [device, comment]),
  );
}

function removal(id: string, tables: readonly ListedFaults[]): nft.Operation[] {
  const isOwn = (name: string): boolean => name.startsWith(`${id}-`);
  return tables.flatMap(({ table, chains, sets }) => {
    if (chains.every(isOwn)) return [nft.deleteTable(table)];
    const own = chains.filter(isOwn).map((name) => ({ table, name }));
    return [
      ...own.map((chain) => nft.flushChain(chain)),
      ...own.map((chain) => nft.deleteChain(chain)),
      ...sets.filter(isOwn).map((name) => nft.deleteSet({ table, name })),
    ];
  });
}
