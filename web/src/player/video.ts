/**
 * A camera's picture. MPEG-1 on a canvas: feed → demuxer → decoder → renderer. H.264 on a video element, by mse.ts, which
 * is fetched for it. The relay says which of both a feed is; MPEG-1 where it says nothing.
 *
 * jsmpeg's decoder reads the picture size once, and its renderer keeps its textures: both live as long as one size. Bytes
 * of two connections must not meet in a decoder's buffer: each connection has its own. The WebGL context is the canvas's,
 * and there is one for all of them.
 */

import JSMpeg, { type Decoder, type Picture, type Renderer, type WasmModule } from '@cycjimmy/jsmpeg-player';
import { loadWasm, newVideoDecoder } from './decoders';
import { openFeed, type Beginning, type Feed } from './feed';
import type { MsePlayer } from './mse';
import { RelayClocks } from './pts';
import { sequenceSize, type Size } from './sequence';

/** `waiting` before the first frame, `playing` while frames come, `stalled` after two seconds without one. */
export type PictureState = 'waiting' | 'playing' | 'stalled';

const stalledAfterMs = 2000;

/** After this long without a frame while the relay has some, the connection is taken for dead. */
const restartAfterMs = 6000;

const ticksPerSecond = 90_000;

/** Frames that may wait for the next repaint. More are decoded without being shown, so that delay never grows. */
const maxFramesWaiting = 2;

export interface VideoEvents {
  state(state: PictureState): void;
  size(size: Size): void;
  /** Which of the two elements shows the picture, and whether its stream brings sound that this element can play. */
  surface(surface: 'canvas' | 'video', hasSound: boolean): void;
}

/** What the viewer sees now. */
export interface Shown {
  /** When the frame was drawn, by the page's monotonic clock. */
  at: number;
  /** When it was complete at the relay, in Unix milliseconds of the relay's clock; null: not known. */
  relayTime: number | null;
}

export class VideoPlayer {
  /** Whether the server says that frames flow; the player restarts a connection that stays silent then. */
  flowing = false;

  readonly #canvas: HTMLCanvasElement;
  readonly #video: HTMLVideoElement;
  readonly #events: VideoEvents;
  readonly #watch: ReturnType<typeof setInterval>;
  #renderer: Renderer | null = null;
  #wasm: WasmModule | null = null;
  #feed: Feed | null = null;
  #decoder: Decoder<Picture> | null = null;
  #canvasSize: Size | null = null;
  #size: Size | null = null;
  #mse: MsePlayer | null = null;
  #write: (bytes: Uint8Array) => void = () => undefined;
  /** The PTS of the frames that wait for the decoder, the oldest first. */
  #waiting: number[] = [];
  readonly #clocks = new RelayClocks();
  #lastFrame: Shown | null = null;
  #tooLate = 0;
  #skips = 0;
  #openedAt = 0;
  #state: PictureState = 'waiting';
  #repaint = 0;
  #ended = false;
  #url: string | null = null;

  constructor(canvas: HTMLCanvasElement, video: HTMLVideoElement, events: VideoEvents) {
    this.#canvas = canvas;
    this.#video = video;
    this.#events = events;
    this.#watch = setInterval(() => this.#checkFlow(), 500);
  }

  /** The frame on the screen; null before the first of this feed. */
  get shown(): Shown | null {
    return this.#lastFrame;
  }

  /** How many frames of this feed came here and were not shown: there was not the time. */
  get dropped(): number {
    return this.#tooLate + (this.#mse?.dropped ?? 0);
  }

  /** How often the relay has moved this viewer on to a keyframe, since its connection began. */
  get skips(): number {
    return this.#skips;
  }

  /** Shows a feed instead of the one before. The last picture stays until the first new one. */
  async open(url: string): Promise<void> {
    this.close();
    this.#url = url;
    this.#lastFrame = null;
    this.#tooLate = 0;
    this.#setState('waiting');
    this.#wasm = await loadWasm();
    if (this.#ended || this.#url !== url || this.#feed) return; // another call was faster
    this.#openedAt = performance.now();
    this.#feed = openFeed(url, {
      opened: () => this.#startStream(),
      begins: (beginning) => this.#begin(beginning),
      clock: (clock) => this.#clocks.add(clock),
      data: (bytes) => this.#write(bytes),
    });
    this.#repaint = requestAnimationFrame(this.#show);
  }

  /** Lets the feed go and keeps the last picture. */
  close(): void {
    this.#url = null;
    this.#feed?.close();
    this.#feed = null;
    cancelAnimationFrame(this.#repaint);
    this.#endStream();
  }

  /** Ends the player. Its canvas cannot be used again: the WebGL context is given back. */
  destroy(): void {
    this.#ended = true;
    this.close();
    clearInterval(this.#watch);
    if (!this.#renderer) return;
    this.#renderer.destroy();
    this.#canvas.getContext('webgl')?.getExtension('WEBGL_lose_context')?.loseContext();
  }

  #startStream(): void {
    this.#endStream();
    const demuxer = new JSMpeg.Demuxer.TS();
    demuxer.connect(JSMpeg.Demuxer.TS.STREAM.VIDEO_1, { write: (pts, buffers) => this.#take(pts, buffers) });
    this.#write = (bytes) => demuxer.write(bytes);
  }

  /** Chooses who decodes. A gap within one encoder's stream is no new timeline: the browser's decoder steps over it. */
  #begin({ reason, video, audio, skips }: Beginning): void {
    this.#skips = skips;
    if (reason !== 'skipped') this.#clocks.reset();
    if (video !== 'h264') {
      if (this.#mse || reason === 'reset') this.#startStream();
      this.#events.surface('canvas', false);
      return;
    }
    if (this.#mse && reason === 'skipped') return this.#mse.skip();

    this.#endStream();
    const hasSound = audio === 'aac'; // browsers play no MP2
    this.#events.surface('video', hasSound);
    const early: Uint8Array[] = [];
    const write = (this.#write = (bytes: Uint8Array) => void early.push(bytes));
    void import('./mse').then(({ MsePlayer }) => {
      if (this.#write !== write) return; // another stream has begun meanwhile
      const player = (this.#mse = new MsePlayer(this.#video, hasSound, {
        frame: (pts) => this.#draws(pts),
        size: (size) => this.#resized(size),
        failed: () => this.#feed?.restart(),
      }));
      for (const bytes of early) player.write(bytes);
      this.#write = (bytes) => player.write(bytes);
    });
  }

  #endStream(): void {
    this.#write = () => undefined;
    this.#tooLate += this.#mse?.dropped ?? 0;
    this.#mse?.destroy();
    this.#mse = null;
    this.#decoder?.destroy();
    this.#decoder = null;
    this.#waiting = [];
  }

  /** One PES packet: one frame, as ffmpeg packs them. Nothing can be decoded before the first sequence header. */
  #take(pts: number, buffers: Uint8Array[]): void {
    const size = sequenceSize(buffers);
    const resized = size !== null && (size.width !== this.#canvasSize?.width || size.height !== this.#canvasSize.height);
    if (size && (resized || !this.#decoder)) this.#newDecoder(size, resized);
    if (!this.#decoder) return;
    this.#decoder.write(pts, buffers);
    this.#waiting.push(Math.round(pts * ticksPerSecond));
  }

  #newDecoder(size: Size, resized: boolean): void {
    if (resized) {
      this.#renderer?.destroy();
      this.#renderer = newRenderer(this.#canvas);
      this.#canvasSize = size;
      this.#resized(size);
    }
    const renderer = this.#renderer;
    this.#decoder?.destroy();
    this.#decoder = newVideoDecoder(this.#wasm);
    this.#decoder.connect({
      resize: (width, height) => renderer?.resize(width, height),
      render: (...planes) => {
        if (this.#waiting.length <= maxFramesWaiting) renderer?.render(...planes);
        else this.#tooLate++;
      },
    });
    this.#waiting = [];
  }

  readonly #show = (): void => {
    this.#repaint = requestAnimationFrame(this.#show);
    if (!this.#decoder || this.#waiting.length === 0) return;
    let pts: number | undefined;
    do {
      if (!this.#decoder.decode()) {
        this.#waiting = [];
        return;
      }
      pts = this.#waiting.shift();
    } while (this.#waiting.length >= maxFramesWaiting);
    this.#draws(pts ?? null);
  };

  #draws(pts: number | null): void {
    this.#lastFrame = { at: performance.now(), relayTime: pts === null ? null : this.#clocks.timeOf(pts) };
    this.#setState('playing');
  }

  #resized(size: Size): void {
    if (size.width === this.#size?.width && size.height === this.#size.height) return;
    this.#size = size;
    this.#events.size(size);
  }

  #checkFlow(): void {
    if (!this.#feed) return;
    const now = performance.now();
    const lastFrameAt = this.#lastFrame?.at ?? 0;
    if (this.#state === 'playing' && now - lastFrameAt > stalledAfterMs) this.#setState('stalled');
    const silentSince = Math.max(lastFrameAt, this.#openedAt);
    if (this.flowing && now - silentSince > restartAfterMs) {
      this.#openedAt = now;
      this.#feed.restart();
    }
  }

  #setState(state: PictureState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.state(state);
  }
}

/** WebGL where it is; the drawing buffer is kept, so that the picture can be read by tests and for snapshots. */
function newRenderer(canvas: HTMLCanvasElement): Renderer {
  try {
    return new JSMpeg.Renderer.WebGL({ canvas, preserveDrawingBuffer: true });
  } catch {
    return new JSMpeg.Renderer.Canvas2D({ canvas });
  }
}
