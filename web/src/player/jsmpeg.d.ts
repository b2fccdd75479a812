/** The parts of jsmpeg that we put together ourselves. The package brings no types. */
declare module '@cycjimmy/jsmpeg-player' {
  /** Takes the elementary stream of one PES packet, in pieces. */
  export interface PesSink {
    write(pts: number, buffers: Uint8Array[]): void;
  }

  export interface Decoder<TDestination> extends PesSink {
    connect(destination: TDestination): void;
    /** Decodes one frame and hands it to the destination. False: nothing to decode. */
    decode(): boolean;
    destroy(): void;
  }

  export interface Picture {
    resize(width: number, height: number): void;
    render(y: Uint8Array, cb: Uint8Array, cr: Uint8Array, clamped?: boolean): void;
  }

  export interface Renderer extends Picture {
    destroy(): void;
  }

  export interface Sound {
    /** How many seconds of sound are waiting to be heard. */
    readonly enqueuedTime: number;
    play(sampleRate: number, left: Float32Array, right: Float32Array): void;
  }

  export interface WasmModule {
    readonly ready: boolean;
    loadFromBuffer(buffer: ArrayBuffer, done: (module: WasmModule | null) => void): void;
  }

  export interface DecoderOptions {
    streaming: boolean;
    decodeFirstFrame?: boolean;
    videoBufferSize?: number;
    audioBufferSize?: number;
    wasmModule?: WasmModule;
  }

  export interface TsDemuxer {
    connect(streamId: number, destination: PesSink): void;
    write(buffer: Uint8Array): void;
  }

  type New<TOptions, T> = new (options: TOptions) => T;

  const JSMpeg: {
    Demuxer: { TS: (new () => TsDemuxer) & { STREAM: { VIDEO_1: number; AUDIO_1: number } } };
    Decoder: {
      MPEG1Video: New<DecoderOptions, Decoder<Picture>>;
      MPEG1VideoWASM: New<DecoderOptions, Decoder<Picture>>;
      MP2Audio: New<DecoderOptions, Decoder<Sound>>;
      MP2AudioWASM: New<DecoderOptions, Decoder<Sound>>;
    };
    Renderer: {
      WebGL: New<{ canvas: HTMLCanvasElement; preserveDrawingBuffer?: boolean }, Renderer>;
      Canvas2D: New<{ canvas: HTMLCanvasElement }, Renderer>;
    };
    WASMModule: { IsSupported(): boolean; GetModule(): WasmModule };
    Base64ToArrayBuffer(text: string): ArrayBuffer;
    WASM_BINARY_INLINED: string;
  };
  export default JSMpeg;
}
