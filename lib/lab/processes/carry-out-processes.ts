import { allDone } from '../../common/all-done';
import { labError } from '../lab-error';
import type { Step } from '../plan';
import type { Spaces } from '../spaces';
import type { ProcessThing } from '../things';

/** Ends the processes that are to go. */
export async function endProcesses({ processes }: Spaces, steps: readonly Step[]): Promise<void> {
  const names = steps.flatMap(({ action, before }) =>
    action === 'delete' && before?.kind === 'process' ? [before.name] : [],
  );
  await processes.endAll(names);
  processes.forget(names);
}

/** Starts those that are new or have changed, each when those are ready for which it is to wait. The first failure ends the others' waiting. */
export async function startProcesses(
  spaces: Spaces,
  steps: readonly Step[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const due = new Map<string, ProcessThing>();
  for (const { after } of steps) if (after?.kind === 'process') due.set(after.name, after);
  const failed = new AbortController();
  const ends = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
  const starts = new Map<string, Promise<void>>();
  const start = async (thing: ProcessThing): Promise<void> => {
    const known = starts.get(thing.name);
    if (known !== undefined) return known;
    const before = thing.after.map((name) => due.get(name)).filter((one) => one !== undefined);
    const started = allDone(before.map(start))
      .then(async () => {
        ends.throwIfAborted();
        await spaces.processes.start(thing, spaces, ends);
      })
      .catch((error: unknown) => {
        const operation = `start process ${thing.name}`;
        const refusal = labError(error, { operation, lab: spaces.name });
        failed.abort(refusal);
        throw refusal;
      });
    starts.set(thing.name, started);
    return started;
  };
  await allDone([...due.values()].map(start));
}
