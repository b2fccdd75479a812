import { expect, test } from 'vitest';
import { findings, missing, readHealth } from './health';

const video = { codec: 'mpeg1video', bit_rate: 800000, frame_rate: 25, nominal_frame_rate: 25, keyframe_interval: 1, continuity_errors: 0, gaps: 0 };
const robot = (changes: object = {}) => ({
  mic_enabled: true,
  connections: { sockets: ['chat', 'control', 'status'] },
  cameras: [{ video, audio: { codec: 'mp2', bit_rate: 64000 } }],
  ...changes,
});

test('a robot that has everything lacks nothing and is in good health', () => {
  const health = readHealth(robot(), { robot_ms: 12 });
  expect(missing(health)).toEqual([]);
  expect(findings(health).filter(({ poor }) => poor)).toEqual([]);
});

test('what has not come yet is missing; sound only where it is wanted', () => {
  const health = readHealth(robot({ connections: { sockets: ['control'] }, cameras: [{ video: null, audio: null }] }), {});
  expect(missing(health)).toEqual(['chat', 'status', 'video', 'audio']);
  expect(missing(readHealth(robot({ mic_enabled: false, cameras: [{ video, audio: null }] }), {}))).toEqual([]);
});

test('what is poor is called so', () => {
  const poor = { ...video, bit_rate: 50000, frame_rate: 12, keyframe_interval: 10, gaps: 1 };
  const found = findings(readHealth(robot({ cameras: [{ video: poor }] }), { robot_ms: 400 }));
  expect(found.filter((finding) => finding.poor).map(({ figure }) => figure)).toEqual(['bitRate', 'frameRate', 'keyframeInterval', 'gaps', 'roundTrip']);
});

test('what is not known is not judged', () => {
  expect(findings(readHealth({}, {}))).toEqual([]);
});
