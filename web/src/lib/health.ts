/** How well a robot is connected, for its owner: what the API says of its sockets and feeds, and what that means. */

import { list, record, send, text } from './api';

export const sockets = ['control', 'chat', 'status'] as const;
export type SocketName = (typeof sockets)[number];

/** What an encoder sends; rates are of the last second, counts since it connected. */
export interface Feed {
  codec: string;
  /** Bits per second. */
  bitRate: number;
  /** Frames per second, as they come and as the stream says; null: sound, or not known. */
  frameRate: number | null;
  nominalFrameRate: number | null;
  /** Seconds. */
  keyframeInterval: number | null;
  continuityErrors: number;
  /** Times without a frame for over a second. */
  gaps: number;
}

export interface Health {
  sockets: SocketName[];
  video: Feed | null;
  audio: Feed | null;
  /** Whether sound is wanted of this robot. */
  wantsAudio: boolean;
  /** Round trip of the robot's control socket in milliseconds; null: not measured. */
  robotMs: number | null;
}

/** A figure with what it says, and whether that is poor. */
export type Finding = { figure: 'bitRate' | 'frameRate' | 'keyframeInterval' | 'gaps' | 'roundTrip'; value: number; poor: boolean };

/** Below this many bits per second a picture of usual size falls apart. */
const leastBitRate = 150_000;

/** Encoders lose frames when they are short of time. */
const leastShareOfFrames = 0.8;

/** Newcomers wait for a keyframe, at most so many seconds. */
const mostKeyframeSeconds = 2.5;

/** Beyond so many milliseconds driving feels late. */
const mostRoundTripMs = 250;

export async function getHealth(handle: string): Promise<Health> {
  const robot = `api/v1/robots/${encodeURIComponent(handle)}`;
  const [details, latency] = await Promise.all([send('GET', robot), send('GET', `${robot}/latency`)]);
  return readHealth(details, latency);
}

export function readHealth(details: unknown, latency: unknown): Health {
  const robot = record(details);
  const there = list(record(robot['connections'])['sockets']);
  const cameras = list(robot['cameras']).map(record);
  const feed = (medium: string) => cameras.map((camera) => readFeed(camera[medium])).find((found) => found !== null) ?? null;
  return {
    sockets: sockets.filter((name) => there.includes(name)),
    video: feed('video'),
    audio: feed('audio'),
    wantsAudio: robot['mic_enabled'] === true,
    robotMs: number(record(latency)['robot_ms']),
  };
}

/** What a robot still lacks to be LIVE as a whole. */
export function missing(health: Health): (SocketName | 'video' | 'audio')[] {
  return [
    ...sockets.filter((name) => !health.sockets.includes(name)),
    ...(health.video ? [] : (['video'] as const)),
    ...(health.audio || !health.wantsAudio || hasSoundInPicture(health) ? [] : (['audio'] as const)),
  ];
}

/** The figures that are known, each with whether it is poor. */
export function findings({ video, robotMs }: Health): Finding[] {
  const found: Finding[] = [];
  const add = (figure: Finding['figure'], value: number | null, poor: (value: number) => boolean) => {
    if (value !== null) found.push({ figure, value, poor: poor(value) });
  };
  if (video) {
    add('bitRate', video.bitRate, (rate) => rate < leastBitRate);
    add('frameRate', video.frameRate, (rate) => video.nominalFrameRate !== null && rate < video.nominalFrameRate * leastShareOfFrames);
    add('keyframeInterval', video.keyframeInterval, (seconds) => seconds > mostKeyframeSeconds);
    add('gaps', video.gaps + video.continuityErrors, (count) => count > 0);
  }
  add('roundTrip', robotMs, (ms) => ms > mostRoundTripMs);
  return found;
}

/** An H.264 picture may bring its sound itself. */
const hasSoundInPicture = ({ video }: Health) => video?.codec === 'h264';

function readFeed(value: unknown): Feed | null {
  if (typeof value !== 'object' || value === null) return null;
  const feed = record(value);
  return {
    codec: text(feed['codec']),
    bitRate: number(feed['bit_rate']) ?? 0,
    frameRate: number(feed['frame_rate']),
    nominalFrameRate: number(feed['nominal_frame_rate']),
    keyframeInterval: number(feed['keyframe_interval']),
    continuityErrors: number(feed['continuity_errors']) ?? 0,
    gaps: number(feed['gaps']) ?? 0,
  };
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
