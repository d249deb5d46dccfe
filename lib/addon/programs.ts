import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HOW_TO_BUILD } from './load';
import { native } from './native';

/** One of the small programs that are built with the addon: they lie beside it. */
export function programPath(name: 'rtnetns-exec' | 'rtnetns-sandbox'): string {
  const path = join(dirname(native().path), name);
  if (existsSync(path)) return path;
  throw new Error(`rtnetns: there is no ${name} beside the addon: ${HOW_TO_BUILD}`);
}
