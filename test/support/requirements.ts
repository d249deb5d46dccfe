import { spawnSync } from 'node:child_process';

// The programs that the tests ask whether the kernel sees what we see, and those that set the scene.
const PROGRAMS: Readonly<Record<string, string>> = {
  bridge: 'iproute2',
  cc: 'gcc',
  dumpcap: 'wireshark-common',
  ethtool: 'ethtool',
  findmnt: 'util-linux',
  ip: 'iproute2',
  nft: 'nftables',
  nsenter: 'util-linux',
  nstat: 'iproute2',
  openssl: 'openssl',
  ping: 'iputils-ping',
  python3: 'python3',
  setpriv: 'util-linux',
  ss: 'iproute2',
  strace: 'strace',
  sysctl: 'procps',
  tcpdump: 'tcpdump',
  tshark: 'tshark',
  unshare: 'util-linux',
  wg: 'wireguard-tools',
};

/** Fails, loudly, where the integration tests cannot do their work; they are never skipped. */
export default function requirements(): void {
  // where ordinary users do not look, and some of the programs are
  process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  // asan.ts gives it to those that need it
  if (process.env['RTNETNS_PRELOAD'] !== undefined) delete process.env['LD_PRELOAD'];
  const missing = Object.keys(PROGRAMS).filter(
    (program) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status !== 0,
  );
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => PROGRAMS[program]))].join(' ');
    throw new Error(`the tests need ${missing.join(', ')}: apt-get install ${packages}`);
  }
  if (process.env['RTNETNS_SANDBOX'] === undefined) {
    throw new Error(
      'the integration tests run in the sandbox only: npm test, or build/Release/rtnetns-sandbox jest',
    );
  }
}
