import { randomUUID } from 'node:crypto';
import { netfilterBatch } from '../netfilter/requests';
import { batchFrame } from '../netlink/nfnetlink/batch';
import type { Netns } from '../netns/netns';
import { addSet, addTable, deleteTable, type Operation } from './language/operations';
import { encodeOperations } from './objects/encode';

// Several statements of one element of a set: NFTA_SET_ELEM_EXPRESSIONS, since Linux 5.11. Earlier kernels take such an element,
// and leave out all of its statements without an error.

/** @internal What an error says where the kernel cannot. */
export const ONE_STATEMENT = 'on this kernel an element has one statement: several take Linux 5.11';

/** Whether the kernel can. The first transaction with such an element finds out. */
let known: boolean | undefined;

/** @internal */
export function hasSeveralStatements(operation: Operation): boolean {
  if (operation.op !== 'addElements') return false;
  return operation.elements.some(({ expressions = [] }) => expressions.length > 1);
}

/**
 * @internal Asks the kernel by a set with several statements, which earlier kernels refuse. The kernel does not make the set,
 * because the same transaction deletes a table that nobody has.
 */
export async function takesSeveralStatements(netns: Netns, operation: string): Promise<boolean> {
  if (known !== undefined) return known;
  const table = { family: 'inet', name: randomUUID() } as const;
  const counter = { name: 'counter', data: {} } as const;
  const set = { table, name: 's', key: 'ipv4_addr', expressions: [counter, counter] } as const;
  const operations = [
    addTable(table),
    addSet({ ...set, flags: ['dynamic'] }),
    deleteTable({ ...table, name: randomUUID() }),
  ];
  const items = encodeOperations(operations).flat();
  const { failures } = await netfilterBatch(netns, operation, { ...batchFrame(), items });
  const first = failures[0]?.index;
  if (first === 1 || first === 2) known = first === 2;
  return known ?? true;
}
