/**
 * One after the other. One that fails does not keep the others from being tried.
 *
 * @throws the first failure, when all have been tried.
 */
export async function oneByOne(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
