import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type BridgeNetwork, createBridgeNetwork, type Finding, type Netns } from '../../lib';
import { type Lab, member } from './lab';

// What doctor is asked about: a network of two members, and what is done to it.

export const execFileAsync = promisify(execFile);
export const sh = async (script: string) => execFileAsync('sh', ['-ec', script]);

export const OPTIONS = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;

export interface Setting {
  lab: Lab;
  host: Netns;
  red: BridgeNetwork;
  m1: Netns;
  m2: Netns;
  /** m1's on the bridge. */
  port: string;
}

export async function setting(lab: Lab): Promise<Setting> {
  const red = lab.use(await createBridgeNetwork(lab.host, OPTIONS));
  const m1 = await member(lab, 'm1');
  const m2 = await member(lab, 'm2');
  const { port } = await red.attach(m1, { publish: [{ hostPort: 8080, port: 80 }] });
  await red.attach(m2);
  return { lab, host: lab.host, red, m1, m2, port };
}

export const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);

/** The commands of a fix. */
export const commandsOf = ({ fix }: Finding) =>
  [...fix.matchAll(/`([^`]+)`/g)].map(([, command]) => command ?? '');
