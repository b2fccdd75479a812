/** Source: one camera's feed from the relay, reconnecting until it is closed. */

import { backoffMs } from '../lib/backoff';
import type { RelayClock } from './pts';

/** The relay's close code for a robot or camera that it does not know. */
export const unknownFeed = 4404;

/** The subprotocol in which the relay tells, beside the picture, what begins. */
const subprotocol = 'liverobot.v1';

/** Before the tables and a keyframe: what comes does not follow on what came. Codecs are named as ffmpeg names them. */
export interface Beginning {
  reason: 'joined' | 'skipped' | 'reset';
  video: string | null;
  audio: string | null;
  /** How often the relay has moved this viewer on to a keyframe, because it took frames too slowly. */
  skips: number;
}

export interface FeedEvents {
  /** A connection is there; what comes next starts at a keyframe and belongs to no earlier byte. */
  opened(): void;
  /** A feed begins, goes on after a gap, or comes from another encoder. A relay that tells nothing never calls this. */
  begins?(beginning: Beginning): void;
  /** About once a second, before the frame that it is about. */
  clock?(clock: RelayClock): void;
  data(bytes: Uint8Array): void;
}

export interface Feed {
  /** Drops the connection and makes a new one at once: it stayed silent although frames should flow. */
  restart(): void;
  close(): void;
}

export function openFeed(url: string, events: FeedEvents): Feed {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;

  const connect = () => {
    const current = (socket = new WebSocket(url, subprotocol));
    current.binaryType = 'arraybuffer';
    current.onopen = () => events.opened();
    current.onmessage = (event: MessageEvent) => {
      if (!(event.data instanceof ArrayBuffer)) {
        const message = readMessage(event.data);
        if (message?.type === 'begin') events.begins?.(message);
        if (message?.type === 'clock') events.clock?.(message);
        return;
      }
      attempt = 0; // only a feed that delivers counts as a success
      events.data(new Uint8Array(event.data));
    };
    current.onclose = (event) => {
      if (current !== socket) return;
      socket = null;
      if (event.code !== unknownFeed) timer = setTimeout(connect, backoffMs(attempt++));
    };
  };
  const drop = () => {
    clearTimeout(timer);
    const dropped = socket;
    socket = null;
    if (!dropped) return;
    dropped.onopen = dropped.onmessage = dropped.onclose = null;
    dropped.close();
  };

  connect();
  return {
    restart() {
      drop();
      connect();
    },
    close: drop,
  };
}

type SideMessage = ({ type: 'begin' } & Beginning) | ({ type: 'clock' } & RelayClock);

function readMessage(text: unknown): SideMessage | null {
  let message: unknown;
  try {
    message = JSON.parse(String(text));
  } catch {
    return null;
  }
  if (typeof message !== 'object' || message === null) return null;
  const { type, reason, video, audio, skips, pts, time } = message as Record<string, unknown>;
  if (type === 'clock' && typeof pts === 'number' && typeof time === 'number') return { type, pts, time };
  if (type !== 'begin' || (reason !== 'joined' && reason !== 'skipped' && reason !== 'reset')) return null;
  return {
    type,
    reason,
    video: typeof video === 'string' ? video : null,
    audio: typeof audio === 'string' ? audio : null,
    skips: typeof skips === 'number' ? skips : 0,
  };
}
