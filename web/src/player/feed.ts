/** Source: one camera's feed from the relay, reconnecting until it is closed. */

import { backoffMs } from '../lib/backoff';

/** The relay's close code for a robot or camera that it does not know. */
export const unknownFeed = 4404;

export interface FeedEvents {
  /** A connection is there; what comes next starts at a keyframe and belongs to no earlier byte. */
  opened(): void;
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
    const current = (socket = new WebSocket(url));
    current.binaryType = 'arraybuffer';
    current.onopen = () => events.opened();
    current.onmessage = (event: MessageEvent) => {
      if (!(event.data instanceof ArrayBuffer)) return;
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
