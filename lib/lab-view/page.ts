import { SCRIPT } from './page-script';
import { STYLE } from './page-style';

/** The page, which asks for nothing but its own events. */
export function page({ title, nonce }: { title: string; nonce: string }): string {
  const name = escaped(title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${name}</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<header><h1>${name}</h1><span id="status" role="status">connecting</span><button id="heal">heal all</button></header>
<main>
<section id="picture" aria-label="picture"></section>
<section id="wires" aria-label="wires">
<table><thead><tr><th>wire</th><th>state</th><th>sent</th><th>received</th><th></th></tr></thead><tbody></tbody></table>
</section>
</main>
<footer aria-label="timeline"><ol id="record"></ol></footer>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
