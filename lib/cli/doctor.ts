import { currentNetns, doctor, type DoctorOptions, type Finding, openNetns } from '..';

export interface DoctorCommand {
  /** In /run/netns; without one, the namespace of the caller. */
  name: string | undefined;
  ask: DoctorOptions;
  json: boolean;
}

const TROUBLE = 2;

/** @returns the exit code: 1 where something was found, 2 where it could not look. */
export async function runDoctor(command: DoctorCommand): Promise<number> {
  try {
    return await look(command);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return TROUBLE;
  }
}

async function look({ name, ask, json }: DoctorCommand): Promise<number> {
  const netns = await (name === undefined ? currentNetns() : openNetns(name));
  try {
    const findings = await doctor(netns, ask);
    console.log(json ? JSON.stringify(findings, undefined, 2) : text(findings));
    return findings.length === 0 ? 0 : 1;
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
