/** The page's program. It makes text of all that comes from the lab, but for the picture, which the library has drawn and escaped. */
export const SCRIPT = String.raw`
'use strict';
const token = new URLSearchParams(location.search).get('token');
const at = (path) => path + '?token=' + encodeURIComponent(token);
const byId = (id) => document.getElementById(id);
const status = (text) => { byId('status').textContent = text; };

async function act(request) {
  const response = await fetch(at('/act'), { method: 'POST', body: JSON.stringify(request) });
  status(response.ok ? 'live' : await response.text());
}

function rateText(bits) {
  const units = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'];
  let unit = 0;
  while (bits >= 1000 && unit < units.length - 1) { bits /= 1000; unit++; }
  return (unit === 0 ? bits : bits.toPrecision(3)) + ' ' + units[unit];
}

function button(text, request) {
  const made = document.createElement('button');
  made.textContent = text;
  made.addEventListener('click', () => act(request));
  return made;
}

function cell(row, text, className) {
  const made = row.insertCell();
  made.textContent = text;
  made.className = className;
  return made;
}

function showWires(wires) {
  const body = document.querySelector('#wires tbody');
  const rows = wires.map(({ id, title, state, faults, target }) => {
    const row = document.createElement('tr');
    row.dataset.wire = id;
    row.className = state;
    cell(row, title, 'title');
    cell(row, faults || state, 'state');
    cell(row, '', 'rate sent');
    cell(row, '', 'rate received');
    row.insertCell().append(
      button('cut', { action: 'cut', target }),
      button('delay 100 ms', { action: 'delay', target, delay: 100 }),
      button('isolate', { action: 'isolate', node: target.node }),
    );
    return row;
  });
  body.replaceChildren(...rows);
}

function showPicture({ svg, text }) {
  const picture = byId('picture');
  if (svg === undefined) {
    const lines = document.createElement('pre');
    lines.textContent = text;
    picture.replaceChildren(lines);
  } else {
    const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    picture.replaceChildren(document.importNode(parsed, true));
  }
}

function showRates(rates) {
  for (const old of document.querySelectorAll('text.rate')) old.remove();
  for (const [id, { sent, received }] of Object.entries(rates)) {
    const row = document.querySelector('tr[data-wire="' + id + '"]');
    if (row === null) continue;
    row.querySelector('.sent').textContent = rateText(sent);
    row.querySelector('.received').textContent = rateText(received);
    const line = document.querySelector('#' + id + ' path');
    if (line === null || sent + received === 0) continue;
    const middle = line.getPointAtLength(line.getTotalLength() / 2);
    const label = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    label.setAttribute('class', 'rate');
    label.setAttribute('x', middle.x);
    label.setAttribute('y', middle.y - 2);
    label.textContent = rateText(sent + received);
    line.parentNode.append(label);
  }
}

function showEntry({ time, title }) {
  const item = document.createElement('li');
  const when = document.createElement('time');
  when.textContent = (time / 1000).toFixed(3) + ' s';
  item.append(when, title);
  const list = byId('record');
  list.append(item);
  while (list.children.length > 1000) list.firstChild.remove();
  item.scrollIntoView();
}

let known = '';
const shows = {
  sight: (sight) => {
    const now = JSON.stringify(sight);
    if (now === known) return;
    known = now;
    showPicture(sight);
    showWires(sight.wires);
  },
  rates: showRates,
  entry: showEntry,
  gone: () => { events.close(); status('the lab is gone'); },
};
const events = new EventSource(at('/events'));
events.onopen = () => { byId('record').replaceChildren(); status('live'); };
events.onerror = () => status('no connection');
for (const [name, show] of Object.entries(shows)) {
  events.addEventListener(name, ({ data }) => show(JSON.parse(data)));
}
byId('heal').addEventListener('click', () => act({ action: 'heal' }));
`;
