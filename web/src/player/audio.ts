/** A robot's sound: feed → demuxer → decoder → WebAudio. Made by a press of the unmute button, never before. */

import JSMpeg, { type Decoder, type Sound, type TsDemuxer } from '@cycjimmy/jsmpeg-player';
import { loudness } from '../lib/volume';
import { loadWasm, newAudioDecoder } from './decoders';
import { openFeed, type Feed } from './feed';

/** Sound that may wait, in seconds. More is dropped, so that it never falls behind the picture. */
const maxWaiting = 0.35;

/** How far ahead the first piece after a silence is placed, in seconds: room for uneven arrival. */
const headStart = 0.08;

export class AudioPlayer {
  readonly #context = new AudioContext();
  readonly #gain = this.#context.createGain();
  #feed: Feed | null = null;
  #decoder: Decoder<Sound> | null = null;
  #demuxer: TsDemuxer | null = null;
  #playedUntil = 0;
  #url: string | null = null;

  /** Call from a click, so that the browser lets the sound out. */
  constructor(volume: number) {
    this.volume = volume;
    this.#gain.connect(this.#context.destination);
    void this.#context.resume();
  }

  /** 0 to 1. */
  set volume(volume: number) {
    this.#gain.gain.value = loudness(volume);
  }

  async open(url: string): Promise<void> {
    this.close();
    this.#url = url;
    const wasm = await loadWasm();
    if (this.#url !== url || this.#feed) return;
    this.#feed = openFeed(url, {
      opened: () => {
        this.#decoder?.destroy();
        const decoder = (this.#decoder = newAudioDecoder(wasm));
        decoder.connect(this.#sound);
        this.#demuxer = new JSMpeg.Demuxer.TS();
        this.#demuxer.connect(JSMpeg.Demuxer.TS.STREAM.AUDIO_1, decoder);
      },
      data: (bytes) => {
        this.#demuxer?.write(bytes);
        while (this.#decoder?.decode());
      },
    });
  }

  close(): void {
    this.#url = null;
    this.#feed?.close();
    this.#feed = null;
    this.#demuxer = null;
    this.#decoder?.destroy();
    this.#decoder = null;
  }

  destroy(): void {
    this.close();
    void this.#context.close();
  }

  readonly #sound: Sound = {
    enqueuedTime: 0, // jsmpeg asks for it only when it plays files
    play: (sampleRate, left, right) => {
      const now = this.#context.currentTime;
      if (this.#playedUntil < now) this.#playedUntil = now + headStart;
      if (this.#playedUntil - now > maxWaiting) return;
      const buffer = this.#context.createBuffer(2, left.length, sampleRate);
      buffer.getChannelData(0).set(left);
      buffer.getChannelData(1).set(right);
      const piece = this.#context.createBufferSource();
      piece.buffer = buffer;
      piece.connect(this.#gain);
      piece.start(this.#playedUntil);
      this.#playedUntil += buffer.duration;
    },
  };
}
