// @vitest-environment jsdom
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ApiError, getRobot, getRobots, readRobotDetail, readStatuses } from './api';

const answer = (status: number, body: unknown, type = 'application/json') =>
  vi.stubGlobal('fetch', () =>
    Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'content-type': type } })),
  );

afterEach(() => vi.unstubAllGlobals());

describe('the list of robots', () => {
  test('is read', async () => {
    answer(200, { robots: [{ handle: 'demo', name: 'Demo', online: true, video: 'flowing', cameras: [{ camera_id: 7 }] }] });
    expect(await getRobots()).toEqual([
      {
        handle: 'demo',
        name: 'Demo',
        description: '',
        owner: '',
        online: true,
        live: false,
        video: 'flowing',
        viewers: 0,
        cameras: [{ camera_id: 7 }],
      },
    ]);
  });

  test('is empty when the answer holds none', async () => {
    answer(200, {});
    expect(await getRobots()).toEqual([]);
  });
});

describe('errors', () => {
  test('carry the status and the detail of the problem document', async () => {
    const problem = { title: 'Not Found', status: 404, detail: 'No robot has the handle nobody.' };
    answer(404, problem, 'application/problem+json');
    await expect(getRobot('nobody')).rejects.toEqual(new ApiError(404, 'No robot has the handle nobody.'));
  });

  test('say so when the server cannot be reached', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));
    await expect(getRobots()).rejects.toMatchObject({ name: 'ApiError', status: 0 });
  });

  test('pass an abort on as what it is', async () => {
    const aborted = new AbortController();
    aborted.abort();
    vi.stubGlobal('fetch', () => Promise.reject(new DOMException('gone', 'AbortError')));
    await expect(getRobots(aborted.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a robot’s panels', () => {
  test('lose buttons without a command and panels without a button', () => {
    const robot = readRobotDetail({
      handle: 'demo',
      button_panels: [
        { button_panel_label: 'Drive', buttons: [{ label: 'Forward', command: 'F', key: 'ArrowUp' }, { label: 'Broken' }] },
        { button_panel_label: 'Empty', buttons: [] },
        { buttons: 'none' },
      ],
    });
    expect(robot.button_panels).toEqual([
      { button_panel_label: 'Drive', buttons: [{ label: 'Forward', command: 'F', key: 'ArrowUp' }] },
    ]);
  });

  test('show the command where a label is missing, and the picture size defaults to 640 by 480', () => {
    const robot = readRobotDetail({ handle: 'demo', xres: 0, button_panels: [{ buttons: [{ command: 'SOUND2' }] }] });
    expect(robot.button_panels[0]?.buttons).toEqual([{ label: 'SOUND2', command: 'SOUND2' }]);
    expect([robot.xres, robot.yres]).toEqual([640, 480]);
  });
});

describe('robot_statuses', () => {
  test('keeps only what is told', () => {
    expect(readStatuses({ robot_statuses: [{ robot_id: 'a', video: 'flowing' }, { robot_id: 'b', viewers: 3 }] })).toEqual([
      { robot_id: 'a', video: 'flowing' },
      { robot_id: 'b', viewers: 3 },
    ]);
  });

  test('takes online from status where there is nothing better', () => {
    expect(readStatuses({ robot_statuses: [{ robot_id: 'a', status: 'offline' }] })).toEqual([{ robot_id: 'a', online: false }]);
    expect(readStatuses({ robot_statuses: [{ robot_id: 'a', status: 'offline', online: true }] })[0]?.online).toBe(true);
  });

  test('ignores what is none', () => {
    expect(readStatuses(null)).toEqual([]);
    expect(readStatuses({ robot_statuses: [{ online: true }, 5, null, { robot_id: 'a', video: 'odd', viewers: -1 }] })).toEqual([
      { robot_id: 'a' },
    ]);
  });
});
