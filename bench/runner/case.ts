import fs from 'node:fs';
import path from 'node:path';
import { CASES } from './paths';

/** Runs one case by itself: `npm run bench:case -- NAME [ARGUMENT…]`. */

/** Those that contenders take part in, with the options of `npm run bench`. */
const PARTS = ['star', 'calls'];

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const names = fs.readdirSync(CASES).map((file) => path.basename(file, '.js'));
  if (!names.includes(name)) {
    console.error(`npm run bench:case -- NAME [ARGUMENT…], where NAME is one of ${names.join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const isPart = PARTS.includes(name);
  const program = isPart ? path.join(__dirname, 'main.js') : path.join(CASES, `${name}.js`);
  // the program takes its arguments from there, as if node had been started with it
  process.argv.splice(1, Infinity, program, ...(isPart ? ['--part', name] : []), ...args);
  await import(program);
}

void main(process.argv.slice(2));
