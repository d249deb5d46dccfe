import { type Descriptor, native } from '../addon/native';

/** @internal Closes a file whose closing may wait in the kernel: on a thread of the addon's, or where there is none, here. */
export async function closeFile(file: Descriptor): Promise<void> {
  try {
    await native().closeSocket(file);
  } catch {
    file.close();
  }
}
