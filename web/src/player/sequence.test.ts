import { expect, test } from 'vitest';
import { sequenceSize } from './sequence';

// The head of what ffmpeg's mpeg1video encoder writes for 640x480: 0x280 and 0x1E0, 12 bits each.
const head = [0x00, 0x00, 0x01, 0xb3, 0x28, 0x01, 0xe0, 0x13];

test('a sequence header tells the picture size', () => {
  expect(sequenceSize([Uint8Array.from(head)])).toEqual({ width: 640, height: 480 });
});

test('it does so however the packet is cut', () => {
  for (let cut = 0; cut <= head.length; cut++) {
    const pieces = [head.slice(0, cut), head.slice(cut)].map((piece) => Uint8Array.from(piece));
    expect(sequenceSize(pieces)).toEqual({ width: 640, height: 480 });
  }
  expect(sequenceSize(head.map((byte) => Uint8Array.of(byte)))).toEqual({ width: 640, height: 480 });
});

test('every shorter packet tells nothing, nor does a picture header', () => {
  for (let length = 0; length < 7; length++) expect(sequenceSize([Uint8Array.from(head.slice(0, length))])).toBeNull();
  expect(sequenceSize([Uint8Array.from([0, 0, 1, 0x00, 0x28, 0x01, 0xe0])])).toBeNull();
  expect(sequenceSize([])).toBeNull();
});
