import readline from 'node:readline';

/** Obeys lines "VERB N" on standard input and answers each with one line of JSON. */
export async function serve(obey: (verb: string, n: number) => Promise<number>): Promise<void> {
  console.log('{"ready":true}');
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [verb = '', n = '0'] = line.split(' ');
    const start = process.hrtime.bigint();
    const count = await obey(verb, Number(n));
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    console.log(JSON.stringify({ ms, count }));
  }
}
