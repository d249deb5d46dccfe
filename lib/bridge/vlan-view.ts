import { isDeepStrictEqual } from 'node:util';
import { assignDefined } from '../common/objects';
import { VLAN_INFO } from '../netlink/rtnetlink/bridge-vlan';
import type { vlanEntries, VlanEntry } from '../netlink/rtnetlink/vlan-entries';
import { type VlanRange, vlanOrRange } from './vlan-range';

/** What passed a port, or a bridge itself, in a VLAN. The bridge counts with `vlanStats`, and for each port with `vlanStatsPerPort`. */
export interface BridgeVlanStatistics {
  rxBytes: number;
  rxPackets: number;
  txBytes: number;
  txPackets: number;
}

/** What can be set of a VLAN that a port has. */
export interface BridgeVlanSettings {
  /**
   * Which frames of the VLAN pass, for a spanning tree that some program keeps; 'forwarding' by default. The kernel refuses it
   * while the bridge's own spanning tree is on (`stp`).
   */
  state?: 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking' | number;
  /**
   * Whether the port leads to a multicast router in this VLAN (5.15); 'auto' by default. It counts with the bridge's
   * `multicastVlanSnooping`.
   */
  multicastRouter?: 'disabled' | 'auto' | 'always' | 'temp' | number;
  /**
   * How many multicast groups the port may have in this VLAN (6.3); 0 by default, which is no limit. It needs the bridge's
   * `multicastVlanSnooping`.
   */
  multicastMaxGroups?: number;
  /** Whether requests of ARP and neighbor discovery are answered in the place of the port (6.4); off by default. It counts with the port's `neighborVlanSuppress`. */
  neighborSuppress?: boolean;
}

/** A VLAN that the port of a bridge has, or several in a row that are alike. */
export interface BridgeVlan extends BridgeVlanSettings {
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
  /** How many multicast groups the port has in this VLAN. */
  multicastGroups?: number;
  /** Where they were asked for. */
  statistics?: BridgeVlanStatistics;
}

type Message = ReturnType<typeof vlanEntries.read>;

/** @internal */
export function toBridgeVlans({ index, items }: Message): BridgeVlan[] {
  return items.flatMap(({ entry }) => (entry === undefined ? [] : [toBridgeVlan(index, entry)]));
}

function toBridgeVlan(index: number, { vlan, last, tunnel, statistics, ...entry }: VlanEntry): BridgeVlan {
  const { vlan: from = 0, flags = 0 } = vlan ?? {};
  return assignDefined(
    {
      index,
      vlan: vlanOrRange(from, last),
      pvid: (flags & VLAN_INFO.pvid) !== 0,
      untagged: (flags & VLAN_INFO.untagged) !== 0,
    },
    {
      tunnelId: tunnel?.id,
      state: entry.state,
      multicastRouter: entry.multicastRouter,
      multicastGroups: entry.multicastGroups,
      multicastMaxGroups: entry.multicastMaxGroups,
      neighborSuppress: entry.neighborSuppress,
      statistics: statistics && toStatistics(statistics),
    },
  );
}

function toStatistics(found: NonNullable<VlanEntry['statistics']>): BridgeVlanStatistics {
  const { rxBytes = 0, rxPackets = 0, txBytes = 0, txPackets = 0 } = found;
  return { rxBytes, rxPackets, txBytes, txPackets };
}

/** @internal Single VLANs without their statistics, those that follow each other and are alike as one range. */
export function inRows(singles: readonly BridgeVlan[]): BridgeVlan[] {
  const rows: BridgeVlan[] = [];
  for (const { statistics: _, ...one } of singles) {
    const row = rows.at(-1);
    if (row !== undefined && isDeepStrictEqual(following(row), one)) {
      row.vlan = vlanOrRange(boundsOf(row.vlan).from, boundsOf(one.vlan).to);
    } else {
      rows.push(one);
    }
  }
  return rows;
}

/** The VLAN that would make a row longer. */
function following(row: BridgeVlan): BridgeVlan {
  const { from, to } = boundsOf(row.vlan);
  const { tunnelId } = row;
  return { ...row, vlan: to + 1, ...(tunnelId !== undefined && { tunnelId: tunnelId + to + 1 - from }) };
}

const boundsOf = (vlan: BridgeVlan['vlan']): VlanRange =>
  typeof vlan === 'number' ? { from: vlan, to: vlan } : vlan;
