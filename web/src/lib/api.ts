/** The HTTP API, as far as the site uses it. */

import { asQuery, sitePath, tokenQuery } from './site';
import type { Button, ButtonPanel, Robot, RobotDetail, RobotPaths, RobotStatus, VideoState } from './robots';

/** An answer that is no success. `status` 0: the server could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export async function getRobots(signal?: AbortSignal): Promise<Robot[]> {
  const answer = await getJson('api/v1/robots', signal);
  return list(record(answer)['robots']).map(readRobot);
}

export async function getRobot(handle: string, signal?: AbortSignal): Promise<RobotDetail> {
  return readRobotDetail(await getJson(`api/v1/robots/${encodeURIComponent(handle)}`, signal, tokenQuery()));
}

function getJson(path: string, signal?: AbortSignal, query: Record<string, string> = {}): Promise<unknown> {
  return send('GET', path, undefined, signal, query);
}

/** Sends a request, with a body in JSON if there is one, and gives the JSON of the answer; null when there is none. */
export async function send(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  content?: unknown,
  signal?: AbortSignal,
  query: Record<string, string> = {},
): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(sitePath(path) + asQuery(query), {
      method,
      headers: { accept: 'application/json', ...(content === undefined ? {} : { 'content-type': 'application/json' }) },
      body: content === undefined ? null : JSON.stringify(content),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'The server could not be reached.');
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    // RFC 9457 problem details: `detail` explains this occurrence, `title` the kind of problem.
    const problem = record(body);
    throw new ApiError(response.status, text(problem['detail']) || text(problem['title']) || response.statusText);
  }
  return body;
}

/** Reads a robot of the list. What is missing or of another type takes the quiet default. */
export function readRobot(value: unknown): Robot {
  const robot = record(value);
  return {
    handle: text(robot['handle']),
    name: text(robot['name']) || text(robot['handle']),
    description: text(robot['description']),
    owner: text(robot['owner']),
    online: robot['online'] === true,
    live: robot['live'] === true,
    video: videoState(robot['video']) ?? 'none',
    viewers: count(robot['viewers']) ?? 0,
    cameras: list(robot['cameras'])
      .map((camera) => record(camera)['camera_id'])
      .filter((id) => typeof id === 'number')
      .map((camera_id) => ({ camera_id })),
  };
}

export function readRobotDetail(value: unknown): RobotDetail {
  const robot = record(value);
  return {
    ...readRobot(value),
    xres: count(robot['xres']) || 640,
    yres: count(robot['yres']) || 480,
    mic_enabled: robot['mic_enabled'] === true,
    button_panels: list(robot['button_panels'])
      .map(readPanel)
      .filter((panel) => panel.buttons.length > 0),
    paths: readPaths(robot['paths']),
  };
}

function readPaths(value: unknown): RobotPaths {
  const paths = record(value);
  return { control: text(paths['control']) || 'control', chat: text(paths['chat']) || 'chat', relay: text(paths['relay']) || 'relay' };
}

/** Reads the entries of a `robot_statuses` event. An entry without a handle tells nothing. */
export function readStatuses(value: unknown): RobotStatus[] {
  return list(record(value)['robot_statuses'])
    .map(record)
    .filter((entry) => text(entry['robot_id']) !== '')
    .map((entry) => {
      const status: RobotStatus = { robot_id: text(entry['robot_id']) };
      if (typeof entry['online'] === 'boolean') status.online = entry['online'];
      else if (entry['status'] !== undefined) status.online = entry['status'] === 'online';
      if (typeof entry['live'] === 'boolean') status.live = entry['live'];
      const video = videoState(entry['video']);
      if (video) status.video = video;
      const viewers = count(entry['viewers']);
      if (viewers !== null) status.viewers = viewers;
      return status;
    });
}

/** A part of a long list, and before what the next begins; null: there is none. */
export interface Page<T> {
  items: T[];
  next: number | null;
}

export function readPage<T>(value: unknown, name: string, read: (item: unknown) => T): Page<T> {
  const page = record(value);
  return { items: list(page[name]).map(read), next: count(page['next']) };
}

function readPanel(value: unknown): ButtonPanel {
  const panel = record(value);
  return {
    button_panel_label: text(panel['button_panel_label']),
    buttons: list(panel['buttons'])
      .map(readButton)
      .filter((button) => button.command !== ''),
  };
}

function readButton(value: unknown): Button {
  const button = record(value);
  const command = text(button['command']);
  const read: Button = { label: text(button['label']) || command, command };
  const { key, color, cooldown } = button;
  if (text(key)) read.key = text(key);
  if (/^#[0-9a-f]{6}$/i.test(text(color))) read.color = text(color);
  if (count(cooldown)) read.cooldown = count(cooldown)!;
  const access = list(button['access']).map(text).filter(Boolean);
  if (access.length > 0) read.access = access;
  return read;
}

function videoState(value: unknown): VideoState | null {
  return value === 'flowing' || value === 'stalled' || value === 'none' ? value : null;
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
