import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { native } from './native';

/** One of the small programs that are built with the addon: they lie beside it. */
export function programPath(name: 'rtnetns-exec' | 'rtnetns-sandbox'): string {
  const path = join(dirname(native().path), name);
  if (existsSync(path)) return path;
  throw new Error(`${name} is not built: run 'npm rebuild rtnetns', and let npm run its install script`);
}
