import { createNetns, createVeth, currentNetns, listLinks } from '../../lib';

/**
 * The kernel takes namespaces down one batch after another, long after they were deleted; a thousand of them hold up
 * whatever comes next for seconds (6.18). Waits until it is through with all that were deleted before.
 */
export async function backlogDone(): Promise<void> {
  const here = await currentNetns();
  const last = await createNetns();
  await createVeth({ netns: here, name: 'last' }, { netns: last });
  last.close();
  while ((await listLinks(here)).some(({ name }) => name === 'last')) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  here.close();
}
