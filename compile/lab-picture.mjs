// node compile/lab-picture.mjs > docs/lab.svg, in a sandbox: draws the lab that README.md shows.
import { readFileSync } from 'node:fs';
import { createLab, draw } from 'rtnetns';

const [, definition] = /createLab\((\{.*?\n\})\)/s.exec(readFileSync('README.md', 'utf8'));
// as the README has it, which is of this package itself
const lab = await createLab(new Function(`return ${definition}`)());
try {
  process.stdout.write(await draw(lab, { format: 'svg' }));
} finally {
  await lab.destroy();
}
