/** Picture size in pixels. */
export interface Size {
  width: number;
  height: number;
}

/**
 * The picture size in an MPEG-1 sequence header (ISO/IEC 11172-2, 2.4.2.3), when the packet begins with one:
 * start code `00 00 01 B3`, then 12 bits of width and 12 bits of height.
 */
export function sequenceSize(buffers: readonly Uint8Array[]): Size | null {
  const head: number[] = [];
  for (const buffer of buffers) {
    head.push(...buffer.subarray(0, 7 - head.length));
    if (head.length === 7) break;
  }
  const [a, b, c, code, w, wh, h] = head;
  if (a !== 0 || b !== 0 || c !== 1 || code !== 0xb3 || w === undefined || wh === undefined || h === undefined) return null;
  return { width: (w << 4) | (wh >> 4), height: ((wh & 15) << 8) | h };
}
