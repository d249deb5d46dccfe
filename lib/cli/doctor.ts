import type { Command } from 'commander';
import { printError, printJson } from './print';
import { currentNetns, doctor, type DoctorOptions, type Finding, openNetns, type PublishProtocol } from '..';

/** The options as the command line has them. */
interface DoctorFlags {
  port?: string;
  protocol: PublishProtocol;
  json: boolean;
}

const COULD_NOT_LOOK = 2;

/** Adds `rtnetns doctor` to the command line. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('list what keeps packets from passing in a namespace')
    .argument('[name]', 'in /run/netns; without one, the current namespace')
    .option('--port <number>', 'also check whether this port of the namespace can be reached')
    .option('--protocol <name>', 'protocol of that port: tcp, udp, sctp', 'tcp')
    .option('--json', 'print the findings as JSON', false)
    // Wrong options are no finding.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : COULD_NOT_LOOK))
    .addHelpText(
      'after',
      `\nExits with 0 if it found nothing, with 1 if it found something, with ${COULD_NOT_LOOK} if it could not look.`,
    )
    .action(async (name: string | undefined, flags: DoctorFlags) => {
      process.exitCode = await runDoctor(name, flags);
    });
}

async function runDoctor(name: string | undefined, { port, protocol, json }: DoctorFlags): Promise<number> {
  const options = { protocol, ...(port !== undefined && { port: Number(port) }) };
  try {
    const findings = await look(name, options);
    if (json) printJson(findings);
    else console.log(text(findings));
    return findings.length === 0 ? 0 : 1;
  } catch (error) {
    printError(error);
    return COULD_NOT_LOOK;
  }
}

async function look(name: string | undefined, options: DoctorOptions): Promise<Finding[]> {
  const netns = await (name === undefined ? currentNetns() : openNetns(name));
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
