'use strict';

let rtnetns;

const using = (setup) => async (library) => {
  rtnetns = library;
  return setup?.();
};

module.exports = {
  'createNetns, without a name': {
    operation: /create namespace/,
    setup: using(),
    run: () => rtnetns.createNetns(),
    undo: (_, netns) => netns.close(),
  },
};
