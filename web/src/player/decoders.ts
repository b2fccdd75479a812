/** Decoder: jsmpeg's, in WebAssembly where the browser has it. */

import JSMpeg, { type Decoder, type Picture, type Sound, type WasmModule } from '@cycjimmy/jsmpeg-player';

let loading: Promise<WasmModule | null> | undefined;

/** The compiled module, shared by all decoders of the page; null where there is none. */
export function loadWasm(): Promise<WasmModule | null> {
  loading ??= new Promise((resolve) => {
    if (!JSMpeg.WASMModule.IsSupported()) return resolve(null);
    const binary = JSMpeg.Base64ToArrayBuffer(JSMpeg.WASM_BINARY_INLINED);
    JSMpeg.WASMModule.GetModule().loadFromBuffer(binary, resolve);
  });
  return loading;
}

export function newVideoDecoder(wasmModule: WasmModule | null): Decoder<Picture> {
  const options = { streaming: true, decodeFirstFrame: false };
  return wasmModule
    ? new JSMpeg.Decoder.MPEG1VideoWASM({ ...options, wasmModule })
    : new JSMpeg.Decoder.MPEG1Video(options);
}

export function newAudioDecoder(wasmModule: WasmModule | null): Decoder<Sound> {
  return wasmModule
    ? new JSMpeg.Decoder.MP2AudioWASM({ streaming: true, wasmModule })
    : new JSMpeg.Decoder.MP2Audio({ streaming: true });
}
