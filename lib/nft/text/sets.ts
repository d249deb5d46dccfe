import { isVerdict, keyRange } from '../language/key';
import type { ListedSetWithElements } from '../objects/ruleset';
import type { Key, KeyPart, NftElement, Verdict } from '../language/model';
import { DATATYPES, type Scalar, type TypeName } from '../language/types';
import { type DeviceNames, scalarText } from './values';

// Texts of sets and maps in a rule: the name, or the elements.

export function verdictText(verdict: Verdict): string {
  if (typeof verdict === 'string') return verdict;
  return 'jump' in verdict ? `jump ${verdict.jump}` : `goto ${verdict.goto}`;
}

/** '@ports', or '{ 80, 443 }' for an anonymous set. */
export function setText(set: ListedSetWithElements | undefined, name: string, devices: DeviceNames): string {
  if (set?.anonymous !== true || set.elements === undefined || set.key === undefined) return `@${name}`;
  const { key: types, value } = set;
  const values = Array.isArray(value) ? (value as readonly TypeName[]) : [];
  const elements =
    types.length > 1 && set.flags?.includes('interval') === true ? set.elements : sorted(types, set.elements);
  const texts = elements.map((element) => {
    const key = keyText(types, element.key, devices);
    return element.value === undefined ? key : `${key} : ${dataText(values, element.value, devices)}`;
  });
  return `{ ${texts.join(', ')} }`;
}

function keyText(types: readonly TypeName[], key: Key, devices: DeviceNames): string {
  if (key === '*') return key;
  const parts = Array.isArray(key) ? (key as readonly KeyPart[]) : [key as KeyPart];
  return parts.map((part, i) => partText(types[i] ?? 'mark', part, devices)).join(' . ');
}

function partText(type: TypeName, part: KeyPart, devices: DeviceNames): string {
  if (typeof part !== 'object') return scalarText(type, part, devices);
  return `${scalarText(type, part.from, devices)}-${scalarText(type, part.to, devices)}`;
}

function dataText(types: readonly TypeName[], value: NonNullable<NftElement['value']>, devices: DeviceNames) {
  if (types.length === 0 && isVerdict(value)) return verdictText(value);
  const parts = Array.isArray(value) ? (value as readonly Scalar[]) : [value as Scalar];
  return parts.map((part, i) => partText(types[i] ?? 'mark', part, devices)).join(' . ');
}

/** Sorts elements as nft prints them: by their keys as numbers. */
function sorted(types: readonly TypeName[], elements: readonly NftElement[]): NftElement[] {
  const weighed = elements.map((element) => ({ element, weight: weigh(types, element.key) }));
  return weighed.sort((a, b) => Buffer.compare(a.weight, b.weight)).map(({ element }) => element);
}

function weigh(types: readonly TypeName[], key: Key): Buffer {
  const highest = Buffer.alloc(1, 0xff);
  if (key === '*') return highest;
  const from = firstOf(types, key);
  const [only] = types;
  if (types.length === 1 && only !== undefined && DATATYPES[only].order === 'host') from.reverse();
  return from;
}

/** Elements that were listed may have values that could not be written, such as a device's name of 16 bytes. */
function firstOf(types: readonly TypeName[], key: Key): Buffer {
  try {
    return keyRange(types, key, 'key').from;
  } catch (error) {
    if (error instanceof RangeError) return Buffer.from(JSON.stringify(key));
    throw error;
  }
}
