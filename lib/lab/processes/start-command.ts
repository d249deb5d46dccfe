import { isSystemError } from '../../common/system-error';
import { defined } from '../../common/objects';
import type { Netns } from '../../netns/netns';
import { spawn } from '../../process/spawn';
import type { CommandDefinition } from './definition';
import type { LabProcessEnd, Running } from './running';

/** Milliseconds in which what is in the pipes is read when a process is gone that has given them to others. */
const FAREWELL = 1000;

/** Starts a command as the first of a process group, which ends with it. */
export function startCommand(netns: Netns, definition: CommandDefinition): Running {
  const { command, env, cwd, uid, gid, mounts } = definition;
  const [program = '', ...args] = command;
  const child = spawn(netns, program, args, {
    ...defined({ cwd, uid, gid, mounts }),
    env: { ...process.env, ...env },
    detached: true,
    endWithParent: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const kill = (signal: NodeJS.Signals): boolean => pid !== undefined && killGroup(pid, signal);
  let error: Error | undefined;
  child.on('error', (refusal) => {
    error ??= refusal;
  });
  child.once('exit', () => {
    // at once, as long as nobody else can have its number
    kill('SIGKILL');
    const late = setTimeout(() => {
      for (const stream of streams) stream.destroy();
    }, FAREWELL);
    child.once('close', () => {
      clearTimeout(late);
    });
  });
  const ended = new Promise<LabProcessEnd>((resolve) => {
    child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
      // a negative one is node's, of a command that never ran
      resolve({ exitCode: code !== null && code >= 0 ? code : null, signal, ...defined({ error }) });
    });
  });
  const begun = new Promise<void>((resolve) => void child.once('spawn', resolve));
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return { pid, streams, begun, ended, kill: (signal) => isRunning() && kill(signal) };
}

/** Whether there was anybody in the group. */
function killGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    if (isSystemError(error) && error.code === 'ESRCH') return false;
    throw error;
  }
}
