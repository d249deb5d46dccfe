import { currentNetns, doctor, type DoctorOptions, type Finding, openNetns } from '..';

export interface DoctorCommand {
  /** In /run/netns; without one, the namespace of the caller. */
  name: string | undefined;
  ask: DoctorOptions;
  json: boolean;
}

/** @returns the exit code: 1 where something was found. */
export async function runDoctor({ name, ask, json }: DoctorCommand): Promise<number> {
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
