/** The processes that serve the site together, for administrators. */

import { count, list, record, send, text } from './api';

export interface Node {
  name: string;
  /** When it started, a moment in ISO 8601. */
  since: string;
  /** It ends, and takes nobody. */
  draining: boolean;
  services: NodeService[];
}

export interface NodeService {
  name: string;
  /** The slots whose robots it serves. */
  slots: number[];
  robots: number;
  viewers: number;
}

export async function getNodes(signal?: AbortSignal): Promise<Node[]> {
  return list(record(await send('GET', 'api/v1/admin/nodes', undefined, signal))['nodes']).map(readNode);
}

export function readNode(value: unknown): Node {
  const node = record(value);
  return {
    name: text(node['name']),
    since: text(node['since']),
    draining: node['draining'] === true,
    services: list(node['services']).map((value) => {
      const service = record(value);
      return {
        name: text(service['name']),
        slots: list(service['slots']).filter((slot) => typeof slot === 'number'),
        robots: count(service['robots']) ?? 0,
        viewers: count(service['viewers']) ?? 0,
      };
    }),
  };
}
