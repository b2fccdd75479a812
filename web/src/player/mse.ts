/**
 * H.264 with AAC on a video element: feed → mpegts.js, which wraps the frames anew → the browser's own decoder by Media
 * Source Extensions. One player for one timeline: a connection, or an encoder. Loaded only when a feed is of this kind.
 */

import mpegts from 'mpegts.js';
import { lastPts } from './pts';
import type { Size } from './sequence';

/** How far the picture may be behind the newest frame, and how close it is brought then, in seconds. */
const maxLatency = 0.8;
const targetLatency = 0.2;

const ticksPerSecond = 90_000;

/** What is played stays in the browser's memory for so long, in seconds. */
const keptBehind = 10;

export interface MseEvents {
  /** A frame is on the screen. Its PTS, exact to a frame; null: not known yet. */
  frame(pts: number | null): void;
  size(size: Size): void;
  failed(): void;
}

/** Hands over what the feed brings, from the moment that mpegts.js is ready. */
class FeedLoader extends mpegts.BaseLoader {
  #received = 0;
  #waiting: Uint8Array[] = [];
  #open = false;

  constructor(made: (loader: FeedLoader) => void) {
    super('liverobot-feed');
    made(this);
  }

  override open(): void {
    this.#open = true;
    this._status = mpegts.LoaderStatus.kBuffering;
    for (const bytes of this.#waiting.splice(0)) this.#deliver(bytes);
  }

  override abort(): void {
    this.#open = false;
    this._status = mpegts.LoaderStatus.kComplete;
  }

  write(bytes: Uint8Array): void {
    if (this.#open) this.#deliver(bytes);
    else this.#waiting.push(bytes);
  }

  #deliver(bytes: Uint8Array): void {
    const start = this.#received;
    this.#received += bytes.byteLength;
    this.onDataArrival(Uint8Array.from(bytes).buffer, start, this.#received);
  }
}

export class MsePlayer {
  readonly #video: HTMLVideoElement;
  readonly #events: MseEvents;
  readonly #player: mpegts.Player;
  #loader: FeedLoader | null = null;
  #waiting: Uint8Array[] = [];
  #nextFrame: number;
  #newestPts: number | null = null;
  /** The PTS at the beginning of the video element's time. */
  #firstPts: number | null = null;

  constructor(video: HTMLVideoElement, hasAudio: boolean, events: MseEvents) {
    this.#video = video;
    this.#events = events;
    const made = (loader: FeedLoader) => {
      this.#loader = loader;
      for (const bytes of this.#waiting.splice(0)) loader.write(bytes);
    };
    this.#player = mpegts.createPlayer(
      { type: 'mpegts', isLive: true, hasVideo: true, hasAudio, url: 'feed:' },
      {
        customLoader: class extends FeedLoader {
          constructor() {
            super(made);
          }
        },
        enableStashBuffer: false,
        lazyLoad: false,
        liveBufferLatencyChasing: true,
        liveBufferLatencyMaxLatency: maxLatency,
        liveBufferLatencyMinRemain: targetLatency,
        autoCleanupSourceBuffer: true,
        autoCleanupMaxBackwardDuration: 2 * keptBehind,
        autoCleanupMinBackwardDuration: keptBehind,
      },
    );
    this.#player.on(mpegts.Events.ERROR, () => events.failed());
    video.addEventListener('resize', this.#resized);
    this.#nextFrame = video.requestVideoFrameCallback(this.#shown);
    this.#player.attachMediaElement(video);
    this.#player.load();
    void Promise.resolve(this.#player.play()).catch(() => undefined); // muted: only a player that was ended refuses
  }

  /** How many frames the browser has decoded too late to show, or not at all, since the element's media was last set. */
  get dropped(): number {
    return this.#video.getVideoPlaybackQuality().droppedVideoFrames;
  }

  write(bytes: Uint8Array): void {
    this.#newestPts = lastPts(bytes) ?? this.#newestPts;
    if (this.#loader) this.#loader.write(bytes);
    else this.#waiting.push(bytes);
  }

  /** What comes next does not follow on what came; mpegts.js closes the gap in the video element's time. */
  skip(): void {
    this.#newestPts = this.#firstPts = null;
  }

  destroy(): void {
    this.#video.cancelVideoFrameCallback(this.#nextFrame);
    this.#video.removeEventListener('resize', this.#resized);
    this.#player.destroy();
  }

  readonly #resized = (): void => {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (width > 0) this.#events.size({ width, height });
  };

  readonly #shown: VideoFrameRequestCallback = (_now, { mediaTime }) => {
    this.#nextFrame = this.#video.requestVideoFrameCallback(this.#shown);
    this.#events.frame(this.#ptsAt(mediaTime));
  };

  /**
   * mpegts.js does not tell how it maps PTS to the element's time. The newest frame that came is the one at the end of
   * what is buffered, or one further where the browser has not taken it in yet: so the latest end seen is the right one.
   */
  #ptsAt(mediaTime: number): number | null {
    const { buffered } = this.#video;
    if (this.#newestPts !== null && buffered.length > 0) {
      const first = this.#newestPts - buffered.end(buffered.length - 1) * ticksPerSecond;
      this.#firstPts = Math.min(this.#firstPts ?? Infinity, first);
    }
    return this.#firstPts === null ? null : this.#firstPts + mediaTime * ticksPerSecond;
  }
}
