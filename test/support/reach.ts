import { exec, type Lab } from '../../lib';

/** Whether the program `ping` gets an answer. */
export async function reaches(lab: Lab, from: string, addr: string, seconds = 0.5): Promise<boolean> {
  const family = addr.includes(':') ? '-6' : '-4';
  return exec(lab.node(from), 'ping', [family, '-n', '-c', '1', '-W', `${seconds}`, addr]).then(
    () => true,
    (error: unknown) => {
      if ((error as { exitCode?: unknown }).exitCode === 1) return false;
      throw error;
    },
  );
}

/** The same after a fault by which questions of ARP were lost: the kernel asks again after a second. */
export async function reachesAgain(lab: Lab, from: string, addr: string): Promise<boolean> {
  return reaches(lab, from, addr, 5);
}

/** Of `count` pings at once, how many were answered, as the program `ping` counts them. */
export async function answered(lab: Lab, from: string, addr: string, count: number): Promise<number> {
  // ping ends by 1 where none was answered
  const { stdout } = await exec(lab.node(from), 'sh', [
    '-c',
    `ping -n -q -c ${count} -i 0.002 -W 1 ${addr} || test $? = 1`,
  ]);
  return Number(/(\d+) received/.exec(stdout)?.[1]);
}

/** Milliseconds of the fastest answer, as the program `ping` measures it. */
export async function fastest(lab: Lab, from: string, addr: string): Promise<number> {
  const { stdout } = await exec(lab.node(from), 'ping', ['-n', '-q', '-c', '5', '-i', '0.05', addr]);
  return Number(/= ([\d.]+)\//.exec(stdout)?.[1]);
}
