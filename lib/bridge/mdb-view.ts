import { assignDefined, flagNames } from '../common/objects';
import { type mdb, MDB_FLAGS, MDB_PERMANENT } from '../netlink/rtnetlink/mdb';

/** A source of a multicast group, of IGMPv3 and MLDv2. */
export interface MdbSource {
  address: string;
  /** Seconds for which it counts, where it counts for a time. */
  timer?: number;
}

/** A port by which a multicast group is reached, or that the bridge itself wants the group. */
export interface MdbEntry {
  /** Index of the bridge. */
  bridge: number;
  /** '239.1.1.1', 'ff15::1', or '01:00:5e:00:00:09' */
  group: string;
  /** Index of the port; that of the bridge where the bridge itself wants the group. */
  port: number;
  /** The VLAN that it counts in; undefined where the bridge does not filter VLANs. */
  vlan?: number;
  /** Whether it stays; what a host has asked for is forgotten in time. */
  permanent: boolean;
  /** The sender whose packets to the group it is about; those of all by default. */
  source?: string;
  /** 'offload', 'fast_leave', 'added_by_star_ex', 'blocked' */
  flags: string[];
  /** Whether packets of `sources` alone ('include') or of all others ('exclude') are wanted. */
  filterMode?: 'include' | 'exclude' | number;
  sources?: MdbSource[];
  /** 'kernel' where the bridge has learned it, 'static' where a program has added it. */
  protocol?: 'kernel' | 'static' | number;
  /** Seconds after which it is forgotten; of one that stays, 0. */
  timer?: number;
}

/** A port that leads to a multicast router: it gets all groups. */
export interface MulticastRouter {
  /** Index of the bridge. */
  bridge: number;
  /** Index of the port. */
  port: number;
  /** 'permanent' where a setting says so; 'temp' and 'temp_query' where the bridge has seen a router there. */
  type?: 'disabled' | 'temp_query' | 'permanent' | 'temp' | number;
  /** Seconds for which the port is known as such; 0 where it stays so. */
  timer?: number;
  /** The VLAN in which it is one, where the bridge counts VLANs apart. */
  vlan?: number;
}

type Message = ReturnType<typeof mdb.read>;

const seconds = (hundredths: number | undefined) => (hundredths === undefined ? undefined : hundredths / 100);

/** @internal */
export function toMdbEntries({ index: bridge, groups = [] }: Message): MdbEntry[] {
  return groups.flat().map(({ group = '', port = 0, state, flags = 0, vlan, ...entry }) =>
    assignDefined(
      {
        bridge,
        group,
        port,
        permanent: state === MDB_PERMANENT,
        flags: flagNames(MDB_FLAGS, flags),
      },
      {
        vlan: vlan === 0 ? undefined : vlan,
        source: entry.source,
        filterMode: entry.filterMode,
        sources: entry.sources?.map(({ address = '', timer }) =>
          assignDefined({ address }, { timer: seconds(timer) }),
        ),
        protocol: entry.protocol,
        timer: seconds(entry.timer),
      },
    ),
  );
}

/** @internal */
export function toMulticastRouters({
  index,
  routers = [],
}: Pick<Message, 'index' | 'routers'>): MulticastRouter[] {
  return routers.map(({ port = 0, type, timer, vlan }) =>
    assignDefined({ bridge: index, port }, { type, timer: seconds(timer), vlan }),
  );
}
