import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** One of the small programs that are built beside the addon. */
export function programPath(name: 'rtnetns-exec' | 'rtnetns-sandbox'): string {
  // as for the addon, RTNETNS_BUILD is the directory of another build
  const build = process.env['RTNETNS_BUILD'] ?? join(ROOT, 'build');
  const found = ['Release', 'Debug'].map((kind) => join(build, kind, name)).find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`${name} is not built: run 'npm rebuild rtnetns', and let npm run its install script`);
  }
  return found;
}
