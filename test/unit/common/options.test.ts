import {
  checkOptions,
  isSignal,
  isText,
  listOf,
  oneOf,
  optionsOf,
  optionTable,
  orOptions,
  trueOrFalse,
} from '../../../lib/common/options';

interface Range {
  from: number;
  to: number;
}
interface Options {
  id: number;
  priority?: number;
  mode?: 'fast' | 'slow';
  range?: Range;
  ranges?: readonly Range[];
  port?: number | Range;
  up?: boolean;
}

const RANGE = optionTable<Range>({ from: true, to: true }, ['from', 'to']);
const TABLE = optionTable<Options>(
  {
    id: true,
    priority: true,
    mode: oneOf(['fast', 'slow']),
    range: optionsOf(RANGE),
    ranges: listOf(optionsOf(RANGE)),
    port: orOptions(RANGE),
    up: trueOrFalse,
  },
  ['id'],
);

test('the compiler keeps a table equal to its type', () => {
  // @ts-expect-error: `to` is missing
  expect(optionTable<Range>({ from: true })).toBeDefined();
  // @ts-expect-error: there is no such option
  expect(optionTable<Range>({ from: true, to: true, until: true })).toBeDefined();
  // @ts-expect-error: one that only one of the union has is missing
  expect(optionTable<{ a: 1 } | { b: 1 }>({ a: true })).toBeDefined();
  expect(optionTable<{ a: 1 } | { b: 1 }>({ a: true, b: true })).toBeDefined();
});

test.each<[options: object]>([
  [{ id: 1 }],
  [{ id: 1, priority: undefined, other: undefined }],
  [{ id: 1, ranges: [{ from: 1, to: 2 }], range: { from: 1, to: 2 }, mode: 'slow' }],
  [{ id: 1, port: 80 }],
  [{ id: 1, port: { from: 1, to: 2 } }],
  [Object.assign(Object.create(null) as object, { id: 1 })],
  [Object.assign(Object.create({ inherited: 1 }) as object, { id: 1 })],
  [
    new (class {
      id = 1;
    })(),
  ],
])('%j passes', (options) => {
  expect(() => checkOptions(options, TABLE)).not.toThrow();
});

test.each<[options: unknown, error: Error]>([
  [undefined, new TypeError('options: expected an object, got undefined')],
  [null, new TypeError('options: expected an object, got null')],
  ['up', new TypeError('options: expected an object, got "up"')],
  [80, new TypeError('options: expected an object, got 80')],
  [[], new TypeError('options: expected an object, got []')],
  [new Map(), new TypeError('options: expected an object, got [object Map]')],
  [AbortSignal.abort(), new TypeError('options: expected an object, got [object AbortSignal]')],
  [Promise.resolve({}), new TypeError('options: expected an object, got a promise; was `await` forgotten?')],
  [{}, new TypeError('id: it has to be given')],
  [{ id: 1, prioritty: 2 }, new TypeError("prioritty: there is no such option; did you mean 'priority'?")],
  [{ id: 1, toString: 1 }, new TypeError('toString: there is no such option')],
  [{ id: 1, constructor: 1 }, new TypeError('constructor: there is no such option')],
  [JSON.parse('{"id":1,"__proto__":1}'), new TypeError('__proto__: there is no such option')],
  [
    { id: 1, mode: 'fasst' },
    new RangeError('mode: expected one of fast, slow, got "fasst"; did you mean \'fast\'?'),
  ],
  [{ id: 1, mode: 1 }, new TypeError('mode: expected one of fast, slow, got 1')],
  [{ id: 1, up: 'no' }, new TypeError('up: expected true or false, got "no"')],
  [{ id: 1, range: 5 }, new TypeError('range: expected an object, got 5')],
  [{ id: 1, range: { form: 1 } }, new TypeError("range.form: there is no such option; did you mean 'from'?")],
  [{ id: 1, range: { from: 1 } }, new TypeError('range.to: it has to be given')],
  [{ id: 1, ranges: {} }, new TypeError('ranges: expected a list, got [object Object]')],
  [
    {
      id: 1,
      ranges: [
        { from: 1, to: 2 },
        { from: 1, too: 2 },
      ],
    },
    new TypeError("ranges[1].too: there is no such option; did you mean 'to'?"),
  ],
  // eslint-disable-next-line no-sparse-arrays -- that is what is looked for
  [{ id: 1, ranges: [, 1] }, new TypeError('ranges[0]: expected an object, got undefined')],
  [{ id: 1, port: { form: 1 } }, new TypeError("port.form: there is no such option; did you mean 'from'?")],
])('%p is refused', (options, error) => {
  expect(() => checkOptions(options, TABLE)).toThrow(error);
});

test('what the object is called, and where it is', () => {
  expect(() => checkOptions(1, RANGE, { whole: 'range' })).toThrow('range: expected an object, got 1');
  expect(() => checkOptions(1, RANGE, { path: 'ends[1]' })).toThrow('ends[1]: expected an object, got 1');
  expect(() => checkOptions({ x: 1 }, RANGE, { path: 'ends[1]' })).toThrow('ends[1].x: there is no such');
});

test('names of other versions of node pass, unless they are nearly one that is known', () => {
  expect(() => checkOptions({ id: 1, agentKeepAlive: 1 }, TABLE, { open: true })).not.toThrow();
  expect(() => checkOptions({ id: 1, prioritty: 1 }, TABLE, { open: true })).toThrow(
    /did you mean 'priority'/,
  );
});

test('a table that is made of another one asks for the same', () => {
  const more = optionTable<Options & { more?: 1 }>({ ...TABLE, more: true });
  expect(() => checkOptions({ more: 1 }, more)).toThrow('id: it has to be given');
  expect(() => checkOptions({ more: 1 }, optionTable<Options & { more?: 1 }>(more, []))).not.toThrow();
});

test.each([
  [isText, 'x', 1],
  [isSignal, new AbortController().signal, new AbortController()],
  [oneOf(['a'], { number: true }), 7, {}],
])('%p', (check, right, wrong) => {
  expect(() => check(right, 'name')).not.toThrow();
  expect(() => check(wrong, 'name')).toThrow(/^name: expected /);
});
