// What `rtnetns/test` exports: fixtures for node:test, vitest and jest. It stands on the public functions alone.
export { use, type UseOptions } from './use';
export { useLab, type UseLabOptions } from './use-lab';
export type { TestHook, TestHooks } from './hooks';
