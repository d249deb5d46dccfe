import type { ListedFaults } from './fault-tables';

/** What a partition or an isolation is to a node. */
export interface SeenFault {
  readonly kind: 'partition' | 'isolate';
  /** Which one it is, in all nodes. */
  readonly id: string;
  /** The node's side of a partition: 'a' or 'b'. */
  readonly side?: string;
}

/** The chains of faults by which a node knows of them. A router that only keeps packets of a partition back is on no side. */
const CHAIN = /^(?<id>(?<kind>partition|isolate)-[0-9a-f]+)-(?<role>a|b|in)$/;

/** The faults that the kernel has of a node, by its tables of faults. */
export function seenFaults(tables: readonly ListedFaults[]): SeenFault[] {
  return tables.flatMap(({ table, chains }) =>
    table.family === 'inet' ? chains.flatMap((chain) => seenFault(chain) ?? []) : [],
  );
}

function seenFault(chain: string): SeenFault | undefined {
  const { id, kind, role } = CHAIN.exec(chain)?.groups ?? {};
  if (id === undefined || role === undefined) return undefined;
  return kind === 'isolate' ? { kind, id } : { kind: 'partition', id, side: role };
}
