/**
 * A camera's picture on a canvas: feed → demuxer → decoder → renderer.
 *
 * jsmpeg's decoder reads the picture size once, and its renderer keeps its textures: both live as long as one size. Bytes
 * of two connections must not meet in a decoder's buffer: each connection has its own. The WebGL context is the canvas's,
 * and there is one for all of them.
 */

import JSMpeg, { type Decoder, type Picture, type Renderer, type TsDemuxer, type WasmModule } from '@cycjimmy/jsmpeg-player';
import { loadWasm, newVideoDecoder } from './decoders';
import { openFeed, type Feed } from './feed';
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
}

export class VideoPlayer {
  /** Whether the server says that frames flow; the player restarts a connection that stays silent then. */
  flowing = false;

  readonly #canvas: HTMLCanvasElement;
  readonly #events: VideoEvents;
  readonly #watch: ReturnType<typeof setInterval>;
  #renderer: Renderer | null = null;
  #wasm: WasmModule | null = null;
  #feed: Feed | null = null;
  #demuxer: TsDemuxer | null = null;
  #decoder: Decoder<Picture> | null = null;
  #size: Size | null = null;
  #framesWaiting = 0;
  #lastFrameAt = 0;
  #openedAt = 0;
  #state: PictureState = 'waiting';
  #repaint = 0;
  #ended = false;
  #url: string | null = null;

  constructor(canvas: HTMLCanvasElement, events: VideoEvents) {
    this.#canvas = canvas;
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
      data: (bytes) => this.#demuxer?.write(bytes),
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
    this.#demuxer = new JSMpeg.Demuxer.TS();
    this.#demuxer.connect(JSMpeg.Demuxer.TS.STREAM.VIDEO_1, { write: (pts, buffers) => this.#take(pts, buffers) });
  }

  #endStream(): void {
    this.#demuxer = null;
    this.#decoder?.destroy();
    this.#decoder = null;
    this.#framesWaiting = 0;
  }

  /** One PES packet: one frame, as ffmpeg packs them. Nothing can be decoded before the first sequence header. */
  #take(pts: number, buffers: Uint8Array[]): void {
    const size = sequenceSize(buffers);
    const resized = size !== null && (size.width !== this.#size?.width || size.height !== this.#size.height);
    if (size && (resized || !this.#decoder)) this.#newDecoder(size, resized);
    if (!this.#decoder) return;
    this.#decoder.write(pts, buffers);
    this.#framesWaiting++;
  }

  #newDecoder(size: Size, resized: boolean): void {
    if (resized) {
      this.#renderer?.destroy();
      this.#renderer = newRenderer(this.#canvas);
      this.#size = size;
      this.#events.size(size);
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
    this.#lastFrameAt = performance.now();
    this.#setState('playing');
  };

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
