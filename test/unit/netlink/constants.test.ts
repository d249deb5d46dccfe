import { compareWithHeaders } from '../../support/kernel-constants/compare';
import { scanLibrary } from '../../support/kernel-constants/scan';

// Every number that lib/ has of the kernel, with the kernel's headers.

const scan = scanLibrary();
const faults = compareWithHeaders(scan);

test('most of the numbers are found', () => {
  expect(scan.numbers.length).toBeGreaterThan(1000);
  expect(scan.structs.length).toBeGreaterThan(30);
});

test('each number of a table has the name of its constant', () => {
  expect(faults.nameless).toEqual([]);
});

test('each number is that of its constant', () => {
  expect(faults.different).toEqual([]);
});

test('the headers know each constant, or it is newer than they are', () => {
  expect(faults.unknown).toEqual([]);
});

test('each struct has the layout of its namesake', () => {
  expect(faults.structs).toEqual([]);
});

test('the lists of exceptions have nothing more than is needed', () => {
  expect(faults.lists).toEqual([]);
});
