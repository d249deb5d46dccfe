import type { PlacedElement } from '../table/elements';
import type { MemberRecord } from '../table/member-records';
import type { PublishProtocol } from '../table/published-ports';
import type { SetName } from '../table/sets';

export interface GrantPort {
  port: number;
  protocol: PublishProtocol;
}

/** What a member may reach, as the table records it. */
export interface Grant {
  /** The same for the same options. */
  id: number;
  /** Patterns in small letters, sorted: 'api.example.com', '*.example.org'. */
  domains: readonly string[];
  /** Undefined: all. */
  ports: readonly GrantPort[] | undefined;
  privateAddresses: boolean;
}

const PRIVATE = 'private';
/** Protocol and port of a grant for all of them. */
const ALL = [0, 0] as const;

/** Sets with the elements of members' grants. */
const GRANT_SETS: readonly SetName[] = ['grants', 'names'];
/** Sets with the elements that limit members. */
const LIMIT_SETS: readonly SetName[] = ['limited4', 'limited6', 'checked', 'senders4', 'senders6'];

/** The elements that record a grant of a member. */
export function grantElements(
  port: string,
  { id, domains, ports, privateAddresses }: Grant,
): PlacedElement[] {
  const places = ports?.map((one) => [one.protocol, one.port] as const) ?? [ALL];
  return [
    ...places.map((place): PlacedElement => ({
      set: 'grants',
      element: { key: [port, id, ...place], ...(privateAddresses && { comment: PRIVATE }) },
    })),
    ...domains.map((comment, i): PlacedElement => ({
      set: 'names',
      element: { key: [port, id, i], comment },
    })),
  ];
}

/** The elements that limit a member. */
export function limitElements({ network, port, addresses }: MemberRecord): PlacedElement[] {
  return [
    { set: 'checked', element: { key: port } },
    ...Object.entries(addresses).flatMap(([family, address]): PlacedElement[] => [
      { set: `limited${family}` as SetName, element: { key: [network, address], comment: port } },
      { set: `senders${family}` as SetName, element: { key: [port, address] } },
    ]),
  ];
}

export const isGrant = ({ set }: PlacedElement): boolean => GRANT_SETS.includes(set);
export const isLimit = ({ set }: PlacedElement): boolean => LIMIT_SETS.includes(set);

/** Number of the grant that an element belongs to. */
export const grantOf = ({ element }: PlacedElement): number => Number((element.key as readonly unknown[])[1]);

/** The grants that elements of one member record, in the order of their numbers. */
export function toGrants(placed: readonly PlacedElement[]): Grant[] {
  const grants = new Map<number, PlacedElement[]>();
  for (const one of placed.filter(isGrant))
    grants.set(grantOf(one), [...(grants.get(grantOf(one)) ?? []), one]);
  return [...grants].sort(([one], [other]) => one - other).map(([id, elements]) => toGrant(id, elements));
}

function toGrant(id: number, elements: readonly PlacedElement[]): Grant {
  const of = (set: SetName) => elements.filter((one) => one.set === set).map(({ element }) => element);
  const keyOf = (element: PlacedElement['element']) => element.key as readonly (string | number)[];
  const places = of('grants').map((element) => keyOf(element).slice(2));
  const names = of('names').sort((one, other) => Number(keyOf(one)[2]) - Number(keyOf(other)[2]));
  const isAll = places.some(([, port]) => port === 0);
  const ports = places.map(([protocol, port]) => ({
    port: Number(port),
    protocol: protocol as PublishProtocol,
  }));
  return {
    id,
    domains: names.map(({ comment = '' }) => comment),
    ports: isAll ? undefined : ports.sort((a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol)),
    privateAddresses: of('grants').some(({ comment }) => comment === PRIVATE),
  };
}
