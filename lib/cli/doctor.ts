import type { Command } from 'commander';
import { EXIT, exitAfter, exitCodes } from './exit';
import { numberOrText } from './number';
import { openNamed } from './open';
import { printJson } from './print';
import { doctor, type DoctorOptions, type Finding, type PublishProtocol } from '..';

/** The options as the command line has them. */
interface DoctorFlags {
  port?: string;
  protocol?: PublishProtocol;
  json?: true;
}

const EXIT_CODES = {
  [EXIT.OK]: 'nothing was found',
  [EXIT.FOUND]: 'something was found, or a part could not be looked at',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, or the namespace could not be looked at',
};

/** Adds `rtnetns doctor` to the command line. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('list what keeps packets from passing in a namespace')
    .argument('[name]', 'in /run/netns; without one, the current namespace')
    .option('--port <number>', 'also check whether this port of the namespace can be reached')
    .option('--protocol <name>', 'protocol of that port: tcp (default), udp, sctp')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (name: string | undefined, flags: DoctorFlags, command: Command) =>
      exitAfter(command, async () => runDoctor(name, flags)),
    );
}

async function runDoctor(name: string | undefined, { port, protocol, json }: DoctorFlags): Promise<number> {
  const options = {
    ...(protocol !== undefined && { protocol }),
    ...(port !== undefined && { port: numberOrText(port) }),
  };
  const findings = await look(name, options);
  if (json) printJson(findings);
  else console.log(text(findings));
  return findings.length === 0 ? EXIT.OK : EXIT.FOUND;
}

async function look(name: string | undefined, options: DoctorOptions): Promise<Finding[]> {
  const netns = await openNamed(name);
  try {
    return await doctor(netns, options);
  } finally {
    netns.close();
  }
}

function text(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'nothing found';
  return findings
    .map(({ severity, what, where, fix }) => `${severity}: ${where}\n  ${what}\n  fix: ${fix}`)
    .join('\n');
}
