import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// cli → network → the public functions → route, nft → netlink → native.ts: what each must not import.
const layers = {
  'lib/*.ts': /^\.\/(cli|network)\/|^\.\/index$|^\.\/?$/,
  'lib/index.ts': /^\.\/cli\//,
  'lib/native.ts': /^\./,
  'lib/netlink/*.ts': /^\.\.\/(?!native$)/,
  'lib/{route,nft}/*.ts': /^\.\.\/(?!netlink\/)/,
  'lib/{route,nft}/*/*.ts': /^\.\.\/\.\.\/(?!netlink\/)/,
  'lib/nftables/*.ts': /^\.\.\/(cli|network)\/|^\.\.\/index$|^\.\.\/?$/,
  'lib/network/**/*.ts': /^(\.\.\/)+(cli|netlink|route|nft|native)\b/,
  'lib/cli/**/*.ts': /^(\.\.\/)+(netlink|route|nft|native)\b/,
};

const layering = Object.entries(layers).map(([files, { source }]) => ({
  files: [files],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        paths:
          files === 'lib/native.ts' ? [] : [{ name: 'bindings', message: 'only native.ts loads the addon' }],
        patterns: [{ regex: source, message: 'this layer must not know that one: see eslint.config.mjs' }],
      },
    ],
  },
}));

export default defineConfig(
  { ignores: ['build*/', 'dist/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  { rules: { eqeqeq: 'error' } },
  { files: ['**/*.js'], languageOptions: { sourceType: 'commonjs' } },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        AbortController: 'readonly',
        Buffer: 'readonly',
        console: 'readonly',
        process: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // an empty string is often as good as none
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // a number in a sentence reads as what it is
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `const { length: _, ...rest } = …` is how a property is left out
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // it asks for the `!` that no-non-null-assertion forbids
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // `() => socket.close()` says no less than its long form
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  { files: ['lib/**/*.ts'], ignores: ['lib/cli/**'], rules: { 'no-console': 'error' } },
  ...layering,
  {
    files: ['test/**/*.ts'],
    rules: {
      // where there is none, the test fails, as it should
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
