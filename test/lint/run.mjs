// Lints texts as if they stood in files of the tree: [{ file, text }] on standard input, and the rule as an argument.
// What the rule reports, text by text, is on standard output. In a process of its own, since jest cannot load ESLint's
// configuration, which is a module.
import { json } from 'node:stream/consumers';
import { ESLint } from 'eslint';

const [, , rule] = process.argv;
const eslint = new ESLint({
  ruleFilter: ({ ruleId }) => ruleId === rule,
  // no rule that is run from here asks for types, which take seconds
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
});
const reports = [];
for (const { file, text } of await json(process.stdin)) {
  const [{ messages }] = await eslint.lintText(text, { filePath: file });
  reports.push(messages.map(({ message }) => message));
}
console.log(JSON.stringify(reports));
