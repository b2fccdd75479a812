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
import { sequenceSize, type Size } from './sequence';

/** `waiting` before the first frame, `playing` while frames come, `stalled` after two seconds without one. */
export type PictureState = 'waiting' | 'playing' | 'stalled';

const stalledAfterMs = 2000;

/** After this long without a frame while the relay has some, the connection is taken for dead. */
const restartAfterMs = 6000;

/** Frames that may wait for the next repaint. More are decoded without being shown, so that delay never grows. */
const maxFramesWaiting = 2;

export interface VideoEvents {
  state(state: PictureState): void;
  size(size: Size): void;
  /** Which of the two elements shows the picture, and whether its stream brings sound that this element can play. */
  surface(surface: 'canvas' | 'video', hasSound: boolean): void;
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
  #framesWaiting = 0;
  #lastFrameAt = 0;
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

  /** Shows a feed instead of the one before. The last picture stays until the first new one. */
  async open(url: string): Promise<void> {
    this.close();
    this.#url = url;
    this.#setState('waiting');
    this.#wasm = await loadWasm();
    if (this.#ended || this.#url !== url || this.#feed) return; // another call was faster
    this.#openedAt = performance.now();
    this.#feed = openFeed(url, {
      opened: () => this.#startStream(),
      begins: (beginning) => this.#begin(beginning),
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
  #begin({ reason, video, audio }: Beginning): void {
    if (video !== 'h264') {
      if (this.#mse || reason === 'reset') this.#startStream();
      this.#events.surface('canvas', false);
      return;
    }
    if (this.#mse && reason === 'skipped') return;

    this.#endStream();
    const hasSound = audio === 'aac'; // browsers play no MP2
    this.#events.surface('video', hasSound);
    const early: Uint8Array[] = [];
    const write = (this.#write = (bytes: Uint8Array) => void early.push(bytes));
    void import('./mse').then(({ MsePlayer }) => {
      if (this.#write !== write) return; // another stream has begun meanwhile
      const player = (this.#mse = new MsePlayer(this.#video, hasSound, {
        frame: () => this.#shown(),
        size: (size) => this.#resized(size),
        failed: () => this.#feed?.restart(),
      }));
      for (const bytes of early) player.write(bytes);
      this.#write = (bytes) => player.write(bytes);
    });
  }

  #endStream(): void {
    this.#write = () => undefined;
    this.#mse?.destroy();
    this.#mse = null;
    this.#decoder?.destroy();
    this.#decoder = null;
    this.#framesWaiting = 0;
  }

  /** One PES packet: one frame, as ffmpeg packs them. Nothing can be decoded before the first sequence header. */
  #take(pts: number, buffers: Uint8Array[]): void {
    const size = sequenceSize(buffers);
    const resized = size !== null && (size.width !== this.#canvasSize?.width || size.height !== this.#canvasSize.height);
    if (size && (resized || !this.#decoder)) this.#newDecoder(size, resized);
    if (!this.#decoder) return;
    this.#decoder.write(pts, buffers);
    this.#framesWaiting++;
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
        if (this.#framesWaiting <= maxFramesWaiting) renderer?.render(...planes);
      },
    });
    this.#framesWaiting = 0;
  }

  readonly #show = (): void => {
    this.#repaint = requestAnimationFrame(this.#show);
    if (!this.#decoder || this.#framesWaiting === 0) return;
    do {
      if (!this.#decoder.decode()) {
        this.#framesWaiting = 0;
        return;
      }
      this.#framesWaiting--;
    } while (this.#framesWaiting >= maxFramesWaiting);
    this.#shown();
  };

  #shown(): void {
    this.#lastFrameAt = performance.now();
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
    if (this.#state === 'playing' && now - this.#lastFrameAt > stalledAfterMs) this.#setState('stalled');
    const silentSince = Math.max(this.#lastFrameAt, this.#openedAt);
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
