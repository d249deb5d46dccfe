import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publicNames } from './public-names.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

const exists = (path) => existsSync(join(ROOT, path));

const names = publicNames(join(ROOT, 'lib/index.ts'));

const fixtures = publicNames(join(ROOT, 'lib/testing/index.ts'));

const CALLS = {
  describe: ['describe', 'fdescribe', 'xdescribe'],
  test: ['it', 'fit', 'xit', 'test', 'xtest'],
  hook: ['beforeAll', 'beforeEach', 'afterAll', 'afterEach'],
};
const kinds = new Map(Object.entries(CALLS).flatMap(([kind, calls]) => calls.map((call) => [call, kind])));

/** 'describe' for `describe(…)`, `describe.each(…)(…)` and the like; undefined for calls that are none of jest's. */
function kindOf({ callee }) {
  while (callee.type !== 'Identifier') {
    callee = { MemberExpression: callee.object, CallExpression: callee.callee }[callee.type];
    if (callee === undefined) return undefined;
  }
  return kinds.get(callee.name);
}

/** Whether a title may stand in this folder of test/integration, beside the public names; '.' is that folder itself. */
const others = {
  addon: (name) => name === 'native',
  cli: (name) => name === 'rtnetns' || (name.startsWith('rtnetns ') && exists(`lib/cli/${name.slice(8)}.ts`)),
  docs: exists,
  testing: (name) => fixtures.has(name),
  '.': (name) => name === 'package.json',
};

/** A file of test/integration has one describe at its top, named by what of the public face it tests. */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      one: 'a file of test/integration has one top-level describe, not {{count}}',
      outside: 'this stands outside the top-level describe',
      literal: 'the title of the top-level describe is a string, for its names to be found',
      unknown: "'{{name}}' is no public name: lib/index.ts does not export it",
      repeated: "the title repeats '{{title}}', which the top-level describe gives already",
    },
  },
  create(context) {
    const folder = dirname(relative(join(ROOT, 'test/integration'), context.filename)).split('/')[0];
    const isKnown = (name) => names.has(name) || (others[folder]?.(name) ?? false);
    const open = []; // the calls of describe that the walk is in
    const tops = [];

    function enterTop(node) {
      tops.push(node);
      const [title] = node.arguments;
      if (typeof title?.value !== 'string') return context.report({ node, messageId: 'literal' });
      for (const name of title.value.split(', ')) {
        if (!isKnown(name)) context.report({ node: title, messageId: 'unknown', data: { name } });
      }
    }

    function checkTitle({ arguments: [node] }) {
      const title = open[0].arguments[0]?.value;
      if (typeof node?.value !== 'string' || !`${node.value} `.startsWith(`${title} `)) return;
      context.report({ node, messageId: 'repeated', data: { title } });
    }

    return {
      CallExpression(node) {
        const kind = kindOf(node);
        if (kind === undefined || node.parent.callee === node) return;
        if (open.length > 0) {
          if (kind !== 'hook') checkTitle(node);
        } else if (kind === 'describe') enterTop(node);
        else context.report({ node, messageId: 'outside' });
        if (kind === 'describe') open.push(node);
      },
      'CallExpression:exit'(node) {
        if (open.at(-1) === node) open.pop();
      },
      'Program:exit'(node) {
        if (tops.length !== 1) context.report({ node, messageId: 'one', data: { count: tops.length } });
      },
    };
  },
};
