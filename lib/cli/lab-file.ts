import { basename, extname } from 'node:path';
import { type Lab, type LabDefinition, LabError, type LabPlan, openLab, readLab } from '..';
import { printJson } from './print';

/** A definition with a name: by it, other commands find the lab. */
export type NamedLab = LabDefinition & { name: string };

/** Whether a word is the name of a file, and not that of a lab. */
export function isLabFile(word: string): boolean {
  return /\/|\.(ya?ml|json)$/.test(word);
}

/** Reads a file. Without a name in it, the lab has that of the file: 'raft' of raft.yaml. */
export async function readNamedLab(file: string, name?: string): Promise<NamedLab> {
  const definition = await readLab(file);
  return { ...definition, name: name ?? definition.name ?? basename(file, extname(file)) };
}

/** The name of a lab that is given by its name or by its file. */
export async function nameOfLab(given: string): Promise<string> {
  return isLabFile(given) ? (await readNamedLab(given)).name : given;
}

/** Undefined where there is no lab of the name. */
export async function openLabIfThere(name: string): Promise<Lab | undefined> {
  return openLab(name).catch((error: unknown) => {
    if (error instanceof LabError && error.code === 'ERR_LAB_MISSING') return undefined;
    throw error;
  });
}

/** What is to be done, or was: a line for each step. */
export function printPlan(name: string, plan: LabPlan, json: boolean): void {
  if (json) printJson({ name, steps: plan.steps });
  else if (!plan.empty) console.log(plan.toString({ colors: process.stdout.isTTY }));
}
