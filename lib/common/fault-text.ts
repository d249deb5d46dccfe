/** Something that is wrong with what was read: where, and what. */
interface Fault {
  /** 'nodes.web1'; '' of the whole. */
  path: string;
  message: string;
  line?: number;
}

/** 'lab.yaml:3: nodes.web1: there is no such option' */
export function faultText({ path, message, line }: Fault, file?: string): string {
  const where = file !== undefined && line !== undefined ? `${file}:${line}` : file;
  return [where, path, message].filter(Boolean).join(': ');
}
