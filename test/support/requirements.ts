import { spawnSync } from 'node:child_process';

// The programs that the tests ask whether the kernel sees what we see.
const PROGRAMS: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  bridge: 'iproute2',
  ping: 'iputils-ping',
  strace: 'strace',
  nsenter: 'util-linux',
};

/** Fails, loudly, where the integration tests cannot do their work; they are never skipped. */
export default function requirements(): void {
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
