import { constants } from 'node:os';
import { allDone } from '../../common/all-done';
import { inWords } from '../../common/in-words';
import { oneOf } from '../../common/options';
import { takingBack } from '../../common/take-back';
import type { Netns } from '../../netns/netns';
import type { LabCore } from '../lab-core';
import type { FaultWork } from './fault';
import { isThere, keyOf, type Process, processesIn, send } from './processes';
import { nodesOf } from './targets';

export const isSignalName = oneOf(Object.keys(constants.signals));

/** Looks until all are stopped: a process may have made another one while it was looked at. */
const MOST_LOOKS = 100;

/** A process that a pause has stopped, and where it was. */
interface Stopped {
  readonly process: Process;
  readonly netns: Netns;
}

/** The processes of nodes are stopped. */
export function pauseOf(nodes: string | readonly string[], core: LabCore): FaultWork {
  const names = nodesOf(nodes, core.spaces);
  const places = names.map((node) => core.spaces.node(node));
  const stopped = new Map<string, Stopped>();
  const goOn = (isMeant: (one: Stopped) => boolean = () => true): void => {
    for (const [key, one] of stopped) {
      if (!isMeant(one)) continue;
      stopped.delete(key);
      // its number may be another one's by now
      if (isThere(one.process)) core.paused.goOn(one.process);
    }
  };
  const stop = async (): Promise<void> => {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const fresh = (await stoppableIn(places)).filter(({ process }) => !stopped.has(keyOf(process)));
      const own = fresh.filter(({ process }) => core.paused.stop(process));
      for (const one of own) stopped.set(keyOf(one.process), one);
      if (own.length === 0) return;
    }
  };
  const end = async (): Promise<void> => {
    goOn();
    return Promise.resolve();
  };
  const title = `pause of ${inWords(names)}`;
  return {
    ...{ kind: 'pause', title, details: { nodes: names } },
    begin: async () => stop().catch(async (error: unknown) => takingBack(error, goOn)),
    end,
    // nobody could mend what was in a node that is gone
    follow: async () => {
      goOn(({ netns }) => !netns.open);
      return Promise.resolve(undefined);
    },
    // in a lab with a name they are found
    stop: () => {
      if (core.spaces.name === undefined) goOn();
    },
    release: end,
  };
}

async function stoppableIn(places: readonly Netns[]): Promise<Stopped[]> {
  const open = places.filter((netns) => netns.open);
  const found = await allDone(
    open.map(async (netns) => (await processesIn(netns)).map((process) => ({ process, netns }))),
  );
  return found.flat();
}

/** Sends a signal to the processes of nodes. @returns their numbers. */
export async function killProcesses(
  nodes: readonly string[],
  signal: NodeJS.Signals,
  core: LabCore,
): Promise<number[]> {
  const places = nodes.map((node) => core.spaces.node(node));
  const all = (await allDone(places.map(async (netns) => processesIn(netns)))).flat();
  for (const one of all) send(one, signal);
  return all.map(({ pid }) => pid).sort((a, b) => a - b);
}
