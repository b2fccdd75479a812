import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openFeed, unknownFeed } from './feed';

/** A WebSocket whose other end is the test. */
class FakeWebSocket {
  static made: FakeWebSocket[] = [];
  binaryType = 'blob';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closed = false;

  constructor(
    readonly url: string,
    readonly subprotocol: string,
  ) {
    FakeWebSocket.made.push(this);
  }

  close() {
    this.closed = true;
  }
}

describe('openFeed', () => {
  const url = 'ws://localhost/relay/video/demo/1';
  const last = () => FakeWebSocket.made.at(-1)!;
  let events: { opened: ReturnType<typeof vi.fn<() => void>>; data: ReturnType<typeof vi.fn<(bytes: Uint8Array) => void>> };

  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    vi.stubGlobal('WebSocket', FakeWebSocket);
    FakeWebSocket.made = [];
    events = { opened: vi.fn(), data: vi.fn() };
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  test('hands over the bytes of binary messages', () => {
    openFeed(url, events);
    last().onopen!();
    last().onmessage!({ data: new Uint8Array([0x47, 1]).buffer });
    last().onmessage!({ data: 'text' });
    expect(last().binaryType).toBe('arraybuffer');
    expect(events.opened).toHaveBeenCalledOnce();
    expect(events.data.mock.calls).toEqual([[new Uint8Array([0x47, 1])]]);
  });

  test('tells what begins and what time it is, in the order of the bytes, and passes over all other words', () => {
    const order: unknown[] = [];
    openFeed(url, {
      opened: () => undefined,
      begins: (beginning) => order.push(beginning),
      clock: (clock) => order.push(clock),
      data: (bytes) => order.push(bytes.length),
    });
    expect(last().subprotocol).toBe('liverobot.v1');
    last().onmessage!({ data: '{"type":"begin","reason":"joined","skips":0,"video":"h264","audio":null,"width":640}' });
    last().onmessage!({ data: new ArrayBuffer(188) });
    last().onmessage!({ data: '{"type":"clock","pts":1,"time":2}' });
    for (const data of ['{"type":"clock","pts":"1","time":2}', '{"type":"begin","reason":"new"}', 'null', '', '{']) last().onmessage!({ data });
    expect(order).toEqual([{ type: 'begin', reason: 'joined', video: 'h264', audio: null, skips: 0 }, 188, { type: 'clock', pts: 1, time: 2 }]);
  });

  test('reconnects ever more slowly, and quickly again after it delivered', () => {
    openFeed(url, events);
    for (const wait of [500, 1000, 2000]) {
      const before = FakeWebSocket.made.length;
      last().onclose!({ code: 1006 });
      vi.advanceTimersByTime(wait - 1);
      expect(FakeWebSocket.made).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(FakeWebSocket.made).toHaveLength(before + 1);
    }
    last().onmessage!({ data: new ArrayBuffer(188) });
    last().onclose!({ code: 1006 });
    vi.advanceTimersByTime(500);
    expect(FakeWebSocket.made).toHaveLength(5);
  });

  test('does not ask again for a feed that the relay does not know', () => {
    openFeed(url, events);
    last().onclose!({ code: unknownFeed });
    vi.advanceTimersByTime(60_000);
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test('is silent after close, and stays away', () => {
    const feed = openFeed(url, events);
    const socket = last();
    feed.close();
    expect(socket.closed).toBe(true);
    expect([socket.onopen, socket.onmessage, socket.onclose]).toEqual([null, null, null]);
    vi.advanceTimersByTime(60_000);
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test('closed between two attempts makes no further one', () => {
    const feed = openFeed(url, events);
    last().onclose!({ code: 1006 });
    feed.close();
    vi.advanceTimersByTime(60_000);
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test('a restart drops the silent connection and makes a new one at once', () => {
    const feed = openFeed(url, events);
    const silent = last();
    feed.restart();
    expect(silent.closed).toBe(true);
    expect(FakeWebSocket.made).toHaveLength(2);
  });
});
