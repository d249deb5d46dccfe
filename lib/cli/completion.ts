import { Argument, type Command, type Option } from 'commander';
import { BASH, ZSH } from './completion-scripts';
import { EXIT, exitCodes } from './exit';

const SCRIPTS = { bash: BASH, zsh: ZSH } as const;

const EXIT_CODES = {
  [EXIT.OK]: 'the script was printed',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong',
};

/** Adds `rtnetns completion` to the command line. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes the commands, options and names in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', '\nFor bash, in ~/.bashrc: source <(rtnetns completion bash)')
    .addHelpText('after', 'For zsh, in ~/.zshrc after compinit: source <(rtnetns completion zsh)')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action((shell: keyof typeof SCRIPTS) => {
      console.log(SCRIPTS[shell](tableOf(program)));
    });
}

/** The cases of a `case` of the shell: what each command takes, in words. They hold no character that a shell expands. */
function tableOf(program: Command): string {
  const rows = [program, ...program.commands].map((command) => {
    const options = command.createHelp().visibleOptions(command);
    const flags = options.flatMap(flagsOf).join(' ');
    const values = options
      .flatMap((option) => flagsOf(option).flatMap((flag) => valueOf(flag, option)))
      .join(' ');
    const name = command === program ? "''" : command.name();
    return `    ${name}) options='${flags}' values='${values}' operands='${operandsOf(command, program)}' ;;`;
  });
  return rows.join('\n');
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

/** Of an option with a value, what is to be completed, by what stands for the value: '--write:file'. */
function valueOf(flag: string, { flags, required, optional, argChoices }: Option): string[] {
  if (!required && !optional) return [];
  const placeholder = /<(.*)>/.exec(flags)?.[1] ?? '';
  return [`${flag}:${argChoices?.join('|') ?? VALUES[placeholder] ?? 'nothing'}`];
}

const VALUES: Readonly<Partial<Record<string, string>>> = { file: 'file', place: 'name' };

/** What is to be completed for each operand; the last one stands for all that follow where it ends in dots. */
function operandsOf(command: Command, program: Command): string {
  if (command === program) return program.commands.map((one) => one.name()).join('|');
  const operands = command.registeredArguments.map((argument) => {
    const kind = argument.argChoices?.join('|') ?? OPERANDS[argument.name()] ?? 'nothing';
    return argument.variadic ? `${kind}...` : kind;
  });
  return operands.join(' ');
}

const OPERANDS: Readonly<Partial<Record<string, string>>> = {
  name: 'name',
  command: 'command',
  file: 'file',
};
