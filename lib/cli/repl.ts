import { on, once } from 'node:events';
import { createInterface } from 'node:readline';
import { type REPLServer, start } from 'node:repl';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { rtnetns } from './library';
import { EXIT, exitCodes } from './exit';
import { inSandbox, runSandbox } from './sandbox';

const WELCOME = `All functions of rtnetns are here, and \`host\`, the namespace of this sandbox.
\`await\` works at the prompt. Ctrl-D leaves, and all that was created is gone.`;

const EXIT_CODES = {
  [EXIT.OK]: 'the input ended, even after errors',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong',
  [EXIT.NO_SANDBOX]: 'the system refuses the sandbox',
  other: 'a line called process.exit(CODE)',
};

/**
 * Runs node's own prompt in a sandbox, with all public names and `host`, until the input ends. No file keeps its history.
 * @returns the exit code.
 */
async function runRepl(): Promise<number> {
  const isTerminal = process.stdin.isTTY;
  if (!inSandbox()) return runSandbox([process.execPath, __filename, 'repl']);
  const host = await rtnetns.currentNetns();
  if (isTerminal) console.log(WELCOME);
  // the prompt's objects are of this realm with `useGlobal`, for the library to know its own errors and plain objects
  const options = { useGlobal: true, breakEvalOnSigint: true };
  const server = isTerminal ? start({ ...options, prompt: 'rtnetns> ' }) : startPaced(options);
  Object.assign(server.context, rtnetns, { host });
  await once(server, 'exit');
  // what the user has left open, such as a server, would keep the process
  process.exit();
}

/**
 * Starts the prompt on lines that do not come from a terminal. Node's prompt reads on while it awaits what a line is, so
 * a line is handed to it only when the line before it has been evaluated.
 */
function startPaced(options: object): REPLServer {
  const server: REPLServer = start({
    ...options,
    prompt: '',
    input: Readable.from(lines()),
    output: process.stdout,
  });
  const displayPrompt = server.displayPrompt.bind(server);
  const prompts = on(server, 'prompt');
  server.displayPrompt = (preserveCursor) => {
    displayPrompt(preserveCursor);
    server.emit('prompt');
  };
  async function* lines(): AsyncGenerator<string> {
    for await (const line of createInterface({ input: process.stdin })) {
      yield `${line}\n`;
      await prompts.next();
    }
  }
  return server;
}

/** Adds `rtnetns repl` to the command line. */
export function addRepl(program: Command): void {
  program
    .command('repl')
    .description('open a prompt in a sandbox, with all functions of the library and `host`, its namespace')
    .addHelpText('after', '\n`await` works at the prompt. Ctrl-D leaves it.')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async () => {
      process.exitCode = await runRepl();
    });
}
