// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KeyMap } from '../lib/keyboard';
import { startSocketServer, type SocketServer } from '../testing';
import { Controls, type ControlsContext } from './controls.svelte';

const path = '/control/socket.io';
const until = (condition: () => void) => vi.waitFor(condition, { timeout: 4000, interval: 10 });

let server: SocketServer & { port: number };
let controls: Controls;
let received: string[];
let refuse: string | null;
let panelsChanged: number;

const context: ControlsContext = {
  online: () => true,
  keyMap: () => new Map(),
  owns: () => false,
  panelsChanged: () => undefined,
  viewers: () => undefined,
  banned: () => undefined,
};

function serve(started: SocketServer): void {
  started.io.on('connection', (socket) => {
    socket.on('select_robot', (_: unknown, acknowledge: (value: unknown) => void) => acknowledge({ ok: true }));
    socket.on('command_to_robot', (command: Record<string, string>, acknowledge: (value: unknown) => void) => {
      received.push(`${command['command']} ${command['key_position']}`);
      acknowledge(refuse === null ? { ok: true } : { ok: false, error: refuse });
    });
  });
}

beforeEach(async () => {
  received = [];
  refuse = null;
  server = await startSocketServer(path);
  serve(server);
  const keyMap: KeyMap = new Map([['w', 'F']]);
  panelsChanged = 0;
  controls = new Controls('demo', { ...context, keyMap: () => keyMap, panelsChanged: () => panelsChanged++ });
  controls.open();
  await until(() => expect(controls.ready).toBe(true));
});

afterEach(async () => {
  controls.close();
  await server.close();
});

test('a press and its release reach the server', async () => {
  controls.press('pointer:1', 'F');
  expect(controls.held.has('F')).toBe(true);
  controls.holds.release('pointer:1');
  await until(() => expect(received).toEqual(['F down', 'F up']));
});

test('a robot that is offline is not driven', async () => {
  const resting = new Controls('demo', { ...context, online: () => false });
  resting.open();
  await until(() => expect(resting.connected).toBe(true));
  resting.press('pointer:1', 'F');
  expect(resting.held.size).toBe(0);
  resting.close();
});

test('a lost connection ends every hold, and a key that stayed down drives no more after it is back', async () => {
  controls.press('key:KeyW', 'F');
  await until(() => expect(received).toEqual(['F down']));
  const { port } = server;
  await server.close();
  await until(() => expect(controls.held.size).toBe(0));
  expect(controls.ready).toBe(false);

  received = [];
  server = await startSocketServer(path, port);
  serve(server);
  await until(() => expect(controls.ready).toBe(true));
  controls.holds.release('key:KeyW');
  controls.press('key:KeyW', 'L');
  await until(() => expect(received).toEqual(['L down']));
});

test('a command without a name is one’s own while it is held, and somebody’s otherwise', async () => {
  const seen = (command: string, user: string) =>
    server.io.emit('robot_command_has_hit_webserver', { robot_id: 'demo', command, user, key_position: 'down' });
  controls.press('pointer:1', 'F');
  seen('F', '');
  seen('F', 'ada');
  seen('L', '');
  await until(() => expect(controls.presses).toHaveLength(3));
  expect(controls.presses.map(({ command, user, own }) => [command, user, own])).toEqual([
    ['L', '', false],
    ['F', 'ada', false],
    ['F', '', true],
  ]);
});

test('a robot that is bound to its picture is let go while that stands still here', async () => {
  server.io.emit('control_state', { robot_id: 'demo', video_bound: true });
  controls.seePicture(true);
  await until(() => expect(controls.turns?.videoBound).toBe(true));
  controls.press('pointer:1', 'F');
  controls.seePicture(false);
  await until(() => expect(received).toEqual(['F down', 'F up']));
  controls.press('pointer:2', 'F');
  expect(controls.held.size).toBe(0);
});

test('nothing is pressed while the control is closed', async () => {
  server.io.emit('control_state', { robot_id: 'demo', closed: true });
  await until(() => expect(controls.ready).toBe(false));
  server.io.emit('control_state', { robot_id: 'demo', closed: false });
  await until(() => expect(controls.ready).toBe(true));
});

test('out of turn only a stop is sent, which the server may grant', async () => {
  server.io.emit('control_state', { robot_id: 'demo', mode: 'owner' });
  await until(() => expect(controls.mayPress('F')).toBe(false));
  controls.press('pointer:1', 'F');
  controls.press('pointer:2', 'stop');
  await until(() => expect(received).toEqual(['stop down']));
  server.io.emit('control_state', { robot_id: 'demo', mode: 'everyone' });
  await until(() => expect(controls.mayPress('F')).toBe(true));
});

test('a button that the robot has no longer is news of its panels', async () => {
  controls.press('pointer:1', 'F');
  await until(() => expect(received).toEqual(['F down']));
  server.io.emit('command_refused', { robot_id: 'demo', command: 'F', error: 'There is no such button.', code: 'not_on_panel' });
  await until(() => expect(panelsChanged).toBe(1));
  expect(controls.refusal).toBe('There is no such button.');
});

test('who presses what, what the robot obeys and what rests is known until it is over', async () => {
  server.io.emit('pip', { robot_id: 'demo', command: 'F', users: { ann: { id: 1, username: 'ann', anonymous: false } } });
  server.io.emit('aggregate_color_change', { robot_id: 'demo', command: 'F' });
  server.io.emit('cooldown', { robot_id: 'demo', command: 'F', ms: 200 });
  await until(() => expect(controls.cooldowns.has('F')).toBe(true));
  expect(controls.pressers.get('F')).toEqual([{ id: 1, user: 'ann', order: 1 }]);
  expect(controls.obeyed).toBe('F');
  server.io.emit('aggregate_color_change', { robot_id: 'demo', command: 'stop' });
  await until(() => expect(controls.obeyed).toBe(''));
  await until(() => expect(controls.cooldowns.size).toBe(0));
});

test('a refused press is let go and its reason shown', async () => {
  refuse = 'The robot has just started. Try again in a moment.';
  controls.press('pointer:1', 'F');
  await until(() => expect(controls.refusal).toBe('The robot has just started. Try again in a moment.'));
  expect(controls.held.size).toBe(0);
});

test('a hold that the server ended is let go, and its reason shown', async () => {
  controls.press('pointer:1', 'F');
  await until(() => expect(received).toEqual(['F down']));
  server.io.emit('command_refused', { robot_id: 'demo', command: 'L', error: 'Another key.', code: 'released' });
  server.io.emit('command_refused', { robot_id: 'demo', command: 'F', error: 'The robot was released.', code: 'released' });
  await until(() => expect(controls.held.size).toBe(0));
  expect(controls.refusal).toBe('The robot was released.');
  expect(received).toEqual(['F down']);
});

test('leaving the page lets everything go and ends the connection, which releases the robot in any case', async () => {
  controls.press('pointer:1', 'F');
  await until(() => expect(received).toEqual(['F down']));
  controls.close();
  expect(controls.held.size).toBe(0);
  await until(() => expect(server.io.engine.clientsCount).toBe(0));
});
