/** What the API and the status socket say about robots. */

/** `flowing` while frames arrive, `stalled` when they stopped, `none` without a feed. */
export type VideoState = 'flowing' | 'stalled' | 'none';

export interface Camera {
  camera_id: number;
}

export interface Robot {
  /** The public name in addresses and events. */
  handle: string;
  name: string;
  description: string;
  owner: string;
  online: boolean;
  live: boolean;
  video: VideoState;
  viewers: number;
  /** The medium that two encoders fight over, if any. */
  feed_conflict?: 'video' | 'audio' | null;
  cameras: Camera[];
}

export interface Button {
  label: string;
  command: string;
  /** The key that presses it: a `KeyboardEvent.key` or `.code`. */
  key?: string;
  /** Of its cap, `#rrggbb`. */
  color?: string;
  /** The accounts that may press it; without any, everybody who may drive. */
  access?: string[];
  /** How long nobody can press it after a press, in seconds. */
  cooldown?: number;
}

export interface ButtonPanel {
  button_panel_label: string;
  buttons: Button[];
}

export interface RobotDetail extends Robot {
  /** Size of the picture in pixels. */
  xres: number;
  yres: number;
  mic_enabled: boolean;
  button_panels: ButtonPanel[];
  paths: RobotPaths;
}

/** Where the robot's sockets and pictures are, below the site's base. */
export interface RobotPaths {
  control: string;
  chat: string;
  relay: string;
}

/** One entry of `robot_statuses`: the handle and whatever changed. */
export interface RobotStatus {
  robot_id: string;
  online?: boolean;
  live?: boolean;
  video?: VideoState;
  viewers?: number;
  feed_conflict?: 'video' | 'audio' | null;
}

/** What the site says of a robot: LIVE only while pictures arrive. */
export type Presence = 'live' | 'no-picture' | 'offline';

export function presenceOf(robot: Pick<Robot, 'online' | 'video'>): Presence {
  if (robot.video === 'flowing') return 'live';
  return robot.online ? 'no-picture' : 'offline';
}

/** The robot with what a status told about it. Keys that the status leaves out stay. */
export function withStatus<T extends Robot>(robot: T, status: RobotStatus): T {
  return {
    ...robot,
    online: status.online ?? robot.online,
    live: status.live ?? robot.live,
    video: status.video ?? robot.video,
    viewers: status.viewers ?? robot.viewers,
    // Here null is news: the fight is over.
    feed_conflict: status.feed_conflict === undefined ? robot.feed_conflict : status.feed_conflict,
  };
}

/** Whether a robot is one that somebody looks for: each word stands in its name, its owner's or its description. */
export function isSought(robot: Robot, sought: string): boolean {
  const said = `${robot.name} ${robot.owner} ${robot.description}`.toLocaleLowerCase();
  return sought.toLocaleLowerCase().split(/\s+/).every((word) => said.includes(word));
}

const order: Record<Presence, number> = { live: 0, 'no-picture': 1, offline: 2 };

/** Live robots first, those with most viewers before the others; then by name. */
export function inOrder(robots: readonly Robot[]): Robot[] {
  return [...robots].sort(
    (a, b) =>
      order[presenceOf(a)] - order[presenceOf(b)] ||
      (presenceOf(a) === 'live' ? b.viewers - a.viewers : 0) ||
      a.name.localeCompare(b.name),
  );
}
