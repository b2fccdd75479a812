/**
 * A robot's picture and nothing else, as existing viewer apps show it in a frame of their own: `/fullview/{handle}`, and
 * with sound `/fullview_audio/{handle}`.
 */

import { getRobot } from './lib/api';
import { backoffMs } from './lib/backoff';
import { parseFullView } from './lib/fullview';
import { feedUrl, sitePath } from './lib/site';
import { AudioPlayer } from './player/audio';
import { VideoPlayer } from './player/video';
import { texts } from './texts';

const canvas = document.getElementById('videoCanvasFullView');
const video = document.getElementById('video');
if (!(canvas instanceof HTMLCanvasElement) || !(video instanceof HTMLVideoElement)) throw new Error('fullview.html has no canvas and video.');

const player = new VideoPlayer(canvas, video, {
  state: (state) => (canvas.dataset['state'] = state),
  size: () => undefined,
  surface: (surface, hasSound) => {
    [canvas.hidden, video.hidden] = [surface !== 'canvas', surface !== 'video'];
    video.muted = !(hasSound && view?.hasSound);
  },
});
const view = parseFullView(location.pathname, sitePath(''));
let attempt = 0;

async function show({ handle, hasSound }: { handle: string; hasSound: boolean }): Promise<void> {
  try {
    const robot = await getRobot(handle, new AbortController().signal);
    document.title = `${robot.name} · ${texts.site}`;
    canvas!.setAttribute('aria-label', texts.robot.video(robot.name));
    const camera = robot.cameras[0]?.camera_id;
    if (camera === undefined) return;
    void player.open(feedUrl('video', robot.handle, camera, robot.paths.relay));
    if (hasSound && robot.mic_enabled) playSound(feedUrl('audio', robot.handle, camera, robot.paths.relay));
  } catch {
    setTimeout(() => void show({ handle, hasSound }), backoffMs(attempt++));
  }
}

/** Apps let sound out at once; a browser does after a press. */
function playSound(url: string): void {
  let sound = new AudioPlayer(1);
  void sound.open(url);
  addEventListener(
    'pointerdown',
    () => {
      sound.destroy();
      sound = new AudioPlayer(1);
      void sound.open(url);
    },
    { once: true },
  );
}

if (view) void show(view);
