import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from '../../support/cli';

const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => join('docs', name))].filter(
  (name) => name.endsWith('.md'),
);

/** The files that a page links to, from the package's root. */
function linkedFrom(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
  return targets.map((target) => normalize(join(dirname(page), target)));
}

/** The files of the tarball. */
function packed(): string[] {
  const options = { cwd: ROOT, encoding: 'utf8' } as const;
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], options);
  const [{ files }] = JSON.parse(output) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path);
}

describe('README.md, docs', () => {
  test('what the pages link to is in the package', () => {
    const files = new Set(packed());
    const links = PAGES.flatMap((page) => linkedFrom(page).map((target) => ({ page, target })));
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ target }) => !files.has(target))).toEqual([]);
  });

  test('the site has all guides', () => {
    const { projectDocuments } = JSON.parse(readFileSync(join(ROOT, 'typedoc.json'), 'utf8')) as {
      projectDocuments: string[];
    };
    const guides = PAGES.filter((page) => page !== 'README.md');
    expect(projectDocuments.filter((page) => page.startsWith('docs/')).sort()).toEqual(guides.sort());
  });
});
