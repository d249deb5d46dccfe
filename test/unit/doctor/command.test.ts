import { execFileSync } from 'node:child_process';
import { hereCommand } from '../../../lib/doctor/command';

test.each(['red', "it's", 'a b', 'a\x1b[2J\nb', `\u202e'\\x"$HOME\``])(
  'the shell reads the word %j as it is',
  (word) => {
    const command = hereCommand('printf', '%s', word).slice(1, -1);
    expect(command).toMatch(/^[^\p{Cc}\u202e]*$/u);
    expect(execFileSync('bash', ['-c', command], { encoding: 'utf8' })).toBe(word);
  },
);
