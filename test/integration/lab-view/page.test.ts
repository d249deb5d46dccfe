import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { createLab, currentNetns, type Lab, type LabView, serveLab, setLink } from '../../../lib';
import { ip, run } from '../../support/ip';

// The page in a browser without a window: Debian's chromium, or Chrome where there is that one. A sandbox of its own it cannot have within this one.
const BROWSER = existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : '/usr/bin/google-chrome';

/** Milliseconds in which the page has to show what has happened. */
const SOON = 1000;

const lan = { subnet: '10.0.0.0/24' };

describe('serveLab', () => {
  let browser: Browser;
  let page: Page;
  let lab: Lab;
  let view: LabView;
  let problems: string[];

  const rowOf = (title: string) => page.locator('tr', { has: page.getByText(title, { exact: true }) });
  const flagsOf = async (port: string) => (await ip(lab.switches, 'link', 'show', 'dev', port))[0]?.['flags'];

  beforeAll(async () => {
    const here = await currentNetns();
    await setLink(here, 'lo', { up: true });
    here.close();
    browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
  });

  beforeEach(async () => {
    lab = await createLab({ name: 'shop', switches: { lan }, nodes: { 'web{1..3}': { ports: 'lan' } } });
    view = await serveLab(lab);
    page = await browser.newPage();
    problems = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(view.url).origin && !request.url().startsWith('data:'))
        problems.push(request.url());
    });
    await page.goto(view.url);
    await page.getByRole('status').getByText('live').waitFor();
  });

  afterEach(async () => {
    await page.close();
    await view.close();
    await lab.destroy();
    expect(problems).toEqual([]);
  });

  afterAll(async () => browser.close());

  test('a link that is set down outside turns red within a second', async () => {
    const wire = rowOf('web2 eth0 – lan');
    await wire.and(page.locator('.up')).waitFor();
    const line = page.locator('#picture g.edge.cut path');
    expect(await line.count()).toBe(0);
    await run(lab.switches, 'ip', 'link', 'set', 'web2', 'down');
    await wire.and(page.locator('.cut')).waitFor({ timeout: SOON });
    expect(await line.getAttribute('stroke')).toBe('#b3261e');
    await run(lab.switches, 'ip', 'link', 'set', 'web2', 'up');
    await wire.and(page.locator('.up')).waitFor({ timeout: SOON });
    expect(await line.count()).toBe(0);
  });

  test("a click on 'cut' cuts, and one on 'heal all' mends", async () => {
    const wire = rowOf('web1 eth0 – lan');
    await wire.getByRole('button', { name: 'cut' }).click();
    await wire.and(page.locator('.cut')).waitFor({ timeout: SOON });
    expect(await flagsOf('web1')).not.toContain('UP');
    expect(await flagsOf('web2')).toContain('UP');
    await page.locator('#record li').getByText(/web1/).first().waitFor({ timeout: SOON });
    await page.getByRole('button', { name: 'heal all' }).click();
    await wire.and(page.locator('.up')).waitFor({ timeout: SOON });
    expect(await flagsOf('web1')).toContain('UP');
  });

  test('the end of the lab is shown', async () => {
    await lab.destroy();
    await page.getByRole('status').getByText('the lab is gone').waitFor();
  });

  test('what goes over a wire is at the wire', async () => {
    await run(lab.node('web1'), 'ping', '-c', '200', '-i', '0.01', '-s', '1000', '-q', lab.addr('web2'));
    await page.locator('#picture text.rate').first().waitFor();
    await rowOf('web1 eth0 – lan')
      .locator('.sent', { hasText: /bit\/s/ })
      .waitFor();
  });
});
