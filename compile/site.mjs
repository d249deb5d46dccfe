// What typedoc does besides for `npm run docs`: documents have the titles of their headings, functions stand in the
// groups of the folders that they lie in, and where a document has a function or a class in backquotes, it is a link.
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Comment, CommentTag, Converter, ReflectionKind } from 'typedoc';

const LIB = join(dirname(fileURLToPath(import.meta.url)), '../lib');

/** By the folder in lib/; typedoc.json has their order. */
const CATEGORIES = {
  netns: 'Namespaces',
  links: 'Links',
  ethtool: 'Links',
  wireguard: 'Links',
  bridge: 'Links',
  addresses: 'Addresses and neighbours',
  routes: 'Routes and rules',
  star: 'Stars',
  network: 'Bridge networks',
  lab: 'Labs',
  'lab-files': 'Labs',
  'lab-view': 'Labs',
  pool: 'Pools',
  'netns-pool': 'Namespaces',
  process: 'Commands and workers',
  sockets: 'Sockets',
  packets: 'Packets',
  events: 'Events',
  sysctl: 'Sysctls',
  traffic: 'Traffic control',
  netfilter: 'Connections',
  nft: 'nf_tables',
  trace: 'Diagnosis',
  doctor: 'Diagnosis',
  netlink: 'Netlink',
  common: 'Netlink',
  addon: 'Netlink',
};

/** The heading that a text begins with. */
const headingOf = ([first]) => /^\s*# (.+)\n/.exec(first?.text ?? '')?.[1];

/** 'createNetns' of `createNetns(name?)`, 'nft.apply' of `nft.apply`; what has several lines is no name. */
const nameIn = (code) => /^`([A-Za-z][\w.]*)(?:\(.*\))?`$/.exec(code)?.[1];

function linked(content, targets) {
  return content.map((part) => {
    const target = part.kind === 'code' ? targets.get(nameIn(part.text)) : undefined;
    if (target === undefined) return part;
    return { kind: 'inline-tag', tag: '@linkcode', text: part.text.slice(1, -1), target };
  });
}

const LINKED = ReflectionKind.Function | ReflectionKind.Class | ReflectionKind.Method;

/** Functions, classes and methods by their names: 'nft.apply', 'BridgeNetwork.attach'. */
function namesOf(project) {
  const found = project.getReflectionsByKind(LINKED).map((one) => [one.getFullName(), one]);
  return new Map(found.filter(([name]) => !name.includes('[')));
}

const categoryTag = (text) => new CommentTag('@category', [{ kind: 'text', text }]);

/** What has no comment of its own gets none, for typedoc to report it. */
function categorize(context, reflection) {
  const commented = [reflection, ...(reflection.signatures ?? [])].find((one) => one.comment !== undefined);
  const [declaration] = context.getSymbolFromReflection(reflection)?.declarations ?? [];
  if (declaration === undefined || commented === undefined) return;
  const [folder] = relative(LIB, declaration.getSourceFile().fileName).split(sep);
  const category = CATEGORIES[folder];
  if (category === undefined) throw new Error(`lib/${folder}/ has no category in compile/site.mjs`);
  commented.comment.blockTags.push(categoryTag(category));
}

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    document.name = headingOf(document.content) ?? document.name;
    document.comment = new Comment([], [categoryTag('Guides')]);
  });
  app.converter.on(
    Converter.EVENT_RESOLVE_BEGIN,
    (context) => {
      const { project } = context;
      for (const reflection of project.children ?? []) categorize(context, reflection);
      const targets = namesOf(project);
      for (const document of project.documents ?? []) document.content = linked(document.content, targets);
      project.readme &&= linked(project.readme, targets);
    },
    -100, // after typedoc has taken away what is internal
  );
}
