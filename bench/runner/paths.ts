import path from 'node:path';

/** The package's folder: this file runs as build/bench/js/bench/runner/paths.js. */
export const ROOT = path.resolve(__dirname, '../../../../..');
/** What is compiled or installed for the benchmark, and its results. */
export const BUILD = path.join(ROOT, 'build/bench');
/** Sources of the contenders that are not TypeScript. */
export const SOURCES = path.join(ROOT, 'bench/contenders');
/** What is measured, compiled. */
export const CASES = path.join(__dirname, '../cases');
/** The contenders that are TypeScript, compiled. */
export const COMPILED = path.join(__dirname, '../contenders');
