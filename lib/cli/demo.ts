import { inspect } from 'node:util';
import type { Command } from 'commander';
import { getStats } from '..';
import { EXIT, exitCodes } from './exit';
import { drawStar } from './picture';
import { inSandbox, runSandbox } from './sandbox';
import { type Check, steps, type Tour } from './tour';

const EXIT_CODES = {
  [EXIT.OK]: 'all checks hold',
  [EXIT.FOUND]: 'a check does not hold, or a step failed',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong',
  [EXIT.NO_SANDBOX]: 'the system refuses the sandbox',
};

/** Runs the tour, in a sandbox, and prints it. Returns the exit code. */
async function demo(): Promise<number> {
  if (!inSandbox()) return runSandbox([process.execPath, __filename, 'demo']);
  const tour: Tour = { handles: new Map() };
  const start = process.hrtime.bigint();
  let failed = 0;
  for (const [i, step] of steps.entries()) {
    const { did, command } = step;
    const checks: Check[] = [];
    const check = (what: string, ok: boolean) => checks.push({ what, ok });
    let broken: unknown;
    await step.run(tour, check).catch((error: unknown) => {
      broken = error;
    });
    console.log(`${String(i + 1).padStart(2)}. ${did}\n      $ ${command}`);
    for (const { what, ok } of checks) console.log(`      ${ok ? '✓' : '✗'} ${what}`);
    failed += checks.filter(({ ok }) => !ok).length;
    if (broken !== undefined) {
      console.error(`      ✗ ${inspect(broken)}`);
      failed++;
      break; // what comes next builds on this
    }
  }
  const wall = Number(process.hrtime.bigint() - start) / 1e6;
  const { busyNs, jobs, sends } = getStats();
  if (tour.star !== undefined) console.log(`\nWhat step 9 built:\n\n${drawStar(tour.star)}\n`);
  console.log(
    `Kernel work: ${(busyNs / 1e6).toFixed(1)} ms in ${jobs} jobs, ${sends} of them a sendmsg; ` +
      `${wall.toFixed(1)} ms by the clock, pings included.`,
  );
  console.log(failed === 0 ? 'All checks hold.' : `${failed} failed.`);
  return failed === 0 ? EXIT.OK : EXIT.FOUND;
}

/** Adds `rtnetns demo` to the command line. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('walk through namespaces, veth pairs, addresses, routes and a bridge, in a sandbox')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async () => {
      process.exitCode = await demo();
    });
}
