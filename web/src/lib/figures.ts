/** Figures of the picture that a viewer sees, each for what it is. Nobody here knows when the camera saw it. */

import type { Shown } from '../player/video';

export interface PictureFigures {
  /** From the moment that the frame on the screen was complete at the relay until it was drawn, in milliseconds. */
  relayToScreenMs: number | null;
  /** How long ago it was drawn, in milliseconds. */
  ageMs: number | null;
  /** Frames that came to this page and were not shown. */
  dropped: number;
  /** How often the relay has passed over frames, because this page took them too slowly. */
  skips: number;
}

/** What the page knows of its picture. */
export interface PictureFacts {
  shown: Shown | null;
  dropped: number;
  skips: number;
}

/** A picture that is older than this has no delay: it stands still. */
const stillMs = 2000;

/** The figures at a moment of the page's clock, with the server's time at any such moment. */
export function pictureFigures({ shown, dropped, skips }: PictureFacts, serverTimeAt: (moment: number) => number | null, now: number): PictureFigures {
  const ageMs = shown ? Math.max(0, now - shown.at) : null;
  const drawn = shown && serverTimeAt(shown.at);
  const isLive = ageMs !== null && ageMs < stillMs;
  // Two clocks are compared: what comes out as nearly nothing may come out as less.
  const relayToScreenMs = isLive && drawn !== null && shown?.relayTime != null ? Math.max(0, drawn - shown.relayTime) : null;
  return { relayToScreenMs, ageMs, dropped, skips };
}
