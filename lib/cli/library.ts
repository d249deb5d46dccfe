/** All public names, for the prompt: in a file of its own, which no other command loads. */
export * as rtnetns from '..';
