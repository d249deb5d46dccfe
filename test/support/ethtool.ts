import type { Features, Netns } from '../../lib';
import { run } from './ip';

/** What ethtool calls a feature, where it has a name of its own for it. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  'rx-checksumming': 'rx-checksum',
  'generic-segmentation-offload': 'tx-generic-segmentation',
  'generic-receive-offload': 'rx-gro',
  'large-receive-offload': 'rx-lro',
  'rx-vlan-offload': 'rx-vlan-hw-parse',
  'tx-vlan-offload': 'tx-vlan-hw-insert',
  'ntuple-filters': 'rx-ntuple-filter',
  'receive-hashing': 'rx-hashing',
  'udp-fragmentation-offload': 'tx-udp-fragmentation',
};

/** Lines that sum up several features, which have lines of their own. */
const SUMS: readonly string[] = ['ifname', 'tx-checksumming', 'scatter-gather', 'tcp-segmentation-offload'];

interface Line {
  active: boolean;
  fixed: boolean;
  requested: boolean;
}

/** What `ethtool -k` shows, in the words of `getFeatures`. */
export async function featuresShown(netns: Netns, device: string): Promise<Features> {
  const [shown] = JSON.parse(await run(netns, 'ethtool', '--json', '-k', device)) as [Record<string, Line>];
  const lines = Object.entries(shown).filter(([name]) => !SUMS.includes(name));
  const named = lines.map(([name, line]) => [OWN_NAMES[name] ?? name, line] as const);
  const record = (value: (line: Line) => boolean) =>
    Object.fromEntries(named.map(([name, line]) => [name, value(line)]));
  return {
    active: record(({ active }) => active),
    wanted: record(({ active, fixed, requested }) => (fixed ? active : requested)),
    fixed: named.flatMap(([name, { fixed }]) => (fixed ? [name] : [])).sort(),
  };
}
