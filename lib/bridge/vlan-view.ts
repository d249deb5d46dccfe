import { assignDefined } from '../common/objects';
import { type bridgeVlans, VLAN_INFO } from '../netlink/rtnetlink/bridge-vlan';

/** VLANs in a row, the last included. */
export interface VlanRange {
  /** The first VLAN, from 1 on. */
  from: number;
  /** The last VLAN, at most 4094. */
  to: number;
}

/** A VLAN that the port of a bridge has, or several in a row that are alike. */
export interface BridgeVlan {
  /** Index of the port, or of the bridge itself. */
  index: number;
  /** A number, or a range. */
  vlan: number | VlanRange;
  /** Frames without a tag that come in belong to this VLAN. */
  pvid: boolean;
  /** Frames of this VLAN go out without a tag. */
  untagged: boolean;
  /** The network identifier that the VLAN has on a vxlan; that of the first VLAN of a range, from where they count up. */
  tunnelId?: number;
}

type Message = ReturnType<typeof bridgeVlans.read>;
type Items = NonNullable<Message['spec']>;

/** What came as one, or as the beginning and the end of a range. */
interface Run<T> extends VlanRange {
  first: T;
}

/** @internal */
export function toBridgeVlans({ index, spec = [] }: Message): BridgeVlan[] {
  const tunnels = tunnelIds(spec);
  const infos = spec.flatMap(({ vlan }) => (vlan === undefined ? [] : [vlan]));
  return runs(infos).flatMap((run) =>
    byTunnel(run, tunnels).map(({ from, to }) =>
      assignDefined(
        {
          index,
          vlan: from === to ? from : { from, to },
          pvid: (run.first.flags & VLAN_INFO.pvid) !== 0,
          untagged: (run.first.flags & VLAN_INFO.untagged) !== 0,
        },
        { tunnelId: tunnels.get(from) },
      ),
    ),
  );
}

function runs<T extends { vlan: number; flags: number }>(items: readonly T[]): Run<T>[] {
  const found: Run<T>[] = [];
  let begin: T | undefined;
  for (const item of items) {
    if ((item.flags & VLAN_INFO.rangeBegin) !== 0) {
      begin = item;
      continue;
    }
    const first = begin ?? item;
    found.push({ from: first.vlan, to: item.vlan, first });
    begin = undefined;
  }
  return found;
}

/** Of each VLAN its tunnel's identifier. */
function tunnelIds(spec: Items): Map<number, number> {
  const infos = spec.flatMap(({ tunnel }) =>
    tunnel === undefined ? [] : [{ id: tunnel.id ?? 0, vlan: tunnel.vlan ?? 0, flags: tunnel.flags ?? 0 }],
  );
  const ids = new Map<number, number>();
  for (const { from, to, first } of runs(infos)) {
    for (let vlan = from; vlan <= to; vlan++) ids.set(vlan, first.id + vlan - from);
  }
  return ids;
}

/** A range in parts, in each of which the tunnels' identifiers count up, or are none. */
function byTunnel({ from, to }: VlanRange, ids: ReadonlyMap<number, number>): VlanRange[] {
  if (ids.size === 0) return [{ from, to }];
  const parts: VlanRange[] = [];
  let start = from;
  for (let vlan = from; vlan <= to; vlan++) {
    const id = ids.get(vlan);
    if (vlan < to && ids.get(vlan + 1) === (id === undefined ? undefined : id + 1)) continue;
    parts.push({ from: start, to: vlan });
    start = vlan + 1;
  }
  return parts;
}
