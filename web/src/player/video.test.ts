// @vitest-environment jsdom
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lastPts } from './pts';
import type { Size } from './sequence';
import { VideoPlayer, type PictureState } from './video';

const until = (condition: () => void, timeout = 4000) => vi.waitFor(condition, { timeout, interval: 10 });

/** What the robots' ffmpeg makes of a test picture: MPEG-1 in MPEG-TS, 25 frames a second, one keyframe in a hundred. */
function encode(picture: string): Uint8Array {
  const output = ['-g', '100', '-f', 'mpegts', '-c:v', 'mpeg1video', '-bf', '0', '-muxdelay', '0.001', '-'];
  return execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', picture, ...output]);
}

const red = encode('color=red:s=64x48:r=25:d=1');
const redThenGreen = encode('color=red:s=64x48:r=25:d=2[a];color=lime:s=64x48:r=25:d=2[b];[a][b]concat');
const wideBlue = encode('color=blue:s=128x48:r=25:d=1');

/** Whole packets, without the keyframe. */
const secondHalf = (feed: Uint8Array) => feed.subarray(188 * Math.ceil(feed.length / 188 / 2));

async function repaints(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((repaint) => requestAnimationFrame(repaint));
}

/** The relay's end of the connection. */
class Relay {
  static connections: Relay[] = [];
  static get last(): Relay {
    return Relay.connections.at(-1)!;
  }

  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer | string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  closed = false;

  constructor(readonly url: string) {
    Relay.connections.push(this);
    queueMicrotask(() => this.onopen?.());
  }

  send(bytes: Uint8Array): void {
    this.onmessage?.({ data: Uint8Array.from(bytes).buffer });
  }

  close(): void {
    this.closed = true;
  }
}

let canvas: HTMLCanvasElement;
let painted: Uint8ClampedArray[];
let states: PictureState[];
let sizes: Size[];
let player: VideoPlayer;

/** The middle of the last picture on the canvas. */
function colour(): 'red' | 'lime' | 'blue' | 'other' {
  const pixels = painted.at(-1) ?? [];
  const middle = (canvas.width * (canvas.height / 2) + canvas.width / 2) * 4;
  const bright = [0, 1, 2].map((channel) => (pixels[middle + channel] ?? 0) > 180).join();
  return bright === 'true,false,false' ? 'red' : bright === 'false,true,false' ? 'lime' : bright === 'false,false,true' ? 'blue' : 'other';
}

async function open(): Promise<void> {
  const connections = Relay.connections.length;
  await player.open('ws://localhost/relay/video/demo/1');
  await until(() => expect(Relay.connections).toHaveLength(connections + 1));
  await Promise.resolve();
}

beforeEach(() => {
  vi.stubGlobal('WebSocket', Relay);
  Relay.connections = [];
  [painted, states, sizes] = [[], [], []];
  canvas = document.createElement('canvas');
  // jsdom draws nothing: a canvas that has no WebGL and remembers what it was given.
  const context = {
    getImageData: (_x: number, _y: number, width: number, height: number) => ({ data: new Uint8ClampedArray(width * height * 4) }),
    putImageData: (image: { data: Uint8ClampedArray }) => painted.push(image.data.slice()),
  };
  canvas.getContext = ((kind: string) => (kind === '2d' ? context : null)) as typeof canvas.getContext;
  player = new VideoPlayer(canvas, document.createElement('video'), {
    state: (state) => states.push(state),
    size: (size) => sizes.push(size),
    surface: () => undefined,
  });
});

afterEach(() => {
  player.destroy();
  vi.unstubAllGlobals();
});

test('the picture of a feed is shown, however its bytes are cut', async () => {
  await open();
  for (let at = 0; at < red.length; at += 77) Relay.last.send(red.subarray(at, at + 77));
  await until(() => expect(states).toEqual(['playing']));
  expect(sizes).toEqual([{ width: 64, height: 48 }]);
  expect([canvas.width, canvas.height]).toEqual([64, 48]);
  expect(colour()).toBe('red');
});

test('the frame on the screen is known by when the relay had it', async () => {
  const second = 90_000;
  await open();
  expect(player.shown).toBeNull();
  // Shown to the last frame but one: the last is not known to be complete before another begins.
  const pts = lastPts(red)! - second / 25;
  Relay.last.onmessage?.({ data: JSON.stringify({ type: 'clock', pts: pts - second, time: 5000 }) });
  Relay.last.send(red);
  await until(() => expect(player.shown?.relayTime).toBe(6000));
  expect(player.dropped).toBeGreaterThan(10);
  await open();
  expect([player.shown, player.dropped]).toEqual([null, 0]);
});

test('bytes from the middle of a feed show nothing before a keyframe', async () => {
  await open();
  Relay.last.send(secondHalf(red));
  Relay.last.send(redThenGreen);
  await until(() => expect(colour()).toBe('lime'));
});

test('frames that come all at once are decoded, and only the newest are shown', async () => {
  await open();
  Relay.last.send(redThenGreen);
  await until(() => expect(colour()).toBe('lime'));
  expect(painted.length).toBeLessThan(10); // of a hundred
});

test('an encoder that starts anew with another size on the same connection is followed', async () => {
  await open();
  Relay.last.send(red);
  await until(() => expect(colour()).toBe('red'));
  Relay.last.send(wideBlue);
  await until(() => expect(colour()).toBe('blue'));
  expect(sizes).toEqual([
    { width: 64, height: 48 },
    { width: 128, height: 48 },
  ]);
  expect(canvas.width).toBe(128);
});

test('a new connection begins at its own keyframe, whatever the one before left behind', async () => {
  await open();
  Relay.last.send(red.subarray(0, 188 * 40 - 50));
  await until(() => expect(colour()).toBe('red'));
  Relay.last.onclose?.({ code: 1006 });
  await until(() => expect(Relay.connections).toHaveLength(2));
  await Promise.resolve();

  const before = painted.length;
  Relay.last.send(secondHalf(red));
  await repaints(3);
  expect(painted).toHaveLength(before);
  Relay.last.send(redThenGreen);
  await until(() => expect(colour()).toBe('lime'));
});

test('two seconds without a frame are a stalled picture, and a frame ends it', async () => {
  await open();
  Relay.last.send(red);
  await until(() => expect(states).toEqual(['playing']));
  await until(() => expect(states).toEqual(['playing', 'stalled']));
  Relay.last.send(red);
  await until(() => expect(states).toEqual(['playing', 'stalled', 'playing']));
});

test('after closing, nothing of the old feed is shown any more', async () => {
  await open();
  const former = Relay.last;
  player.close();
  expect(former.closed).toBe(true);
  former.send(red);
  await repaints(2);
  expect(painted).toEqual([]);
  expect(states).toEqual([]);
});
