import type { LabDefinition } from '../../lib';
import { LabDefinitionError } from '../../lib/lab/findings';
import { resolve } from '../../lib/lab/resolve';

/** Path and message of each finding about a definition. */
export function findingsOf(definition: unknown): string[] {
  try {
    resolve(definition as LabDefinition);
  } catch (error) {
    if (!(error instanceof LabDefinitionError)) throw error;
    return error.findings.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}
