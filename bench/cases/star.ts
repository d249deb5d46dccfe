import type { StarContender } from '../runner/contenders';
import { devices, settle, untilOnly } from '../runner/kernel';
import type { StarSample } from '../runner/report';
import { Session } from '../runner/session';
import { leftovers, starProblems, WrongState } from '../runner/state';

function expectNone(problems: readonly string[]): void {
  const rest = problems.length > 5 ? `; and ${String(problems.length - 5)} more` : '';
  if (problems.length) throw new WrongState(problems.slice(0, 5).join('; ') + rest);
}

/** One turn of one contender: create, have the state checked, delete until all is gone. `onCreated` may ask for more. */
export async function runStar(
  contender: StarContender,
  n: number,
  onCreated?: (session: Session) => Promise<void>,
): Promise<StarSample> {
  await settle();
  const before = devices();
  const session = await Session.open(contender.command);
  try {
    const created = await session.ask('create', n);
    await onCreated?.(session);
    const peakKb = session.peakKb();
    expectNone(contender.problems?.(n) ?? starProblems(n, contender.anyAddress));
    const start = process.hrtime.bigint();
    const deleted = await session.ask('delete', n);
    await untilOnly(before);
    const deleteMs = Number(process.hrtime.bigint() - start) / 1e6;
    expectNone(leftovers());
    return { createMs: created.ms, createCpuMs: created.cpuMs, deleteMs, deleteCpuMs: deleted.cpuMs, peakKb };
  } finally {
    await session.close();
  }
}
