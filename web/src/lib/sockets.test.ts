// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Socket } from 'socket.io';
import { ticket } from './turns';
import { startSocketServer, type SocketServer } from '../testing';
import { maxRepeatsUnderWay, newChatLink, newControlLink, newStatusLink, type ControlEvents, type ControlLink, type Link } from './sockets';

let server: SocketServer & { port: number };
let links: Link[];
const until = (condition: () => void) => vi.waitFor(condition, { timeout: 5000, interval: 10 });

beforeEach(() => (links = []));

afterEach(async () => {
  for (const link of links) link.close();
  await server.close();
});

describe('the control socket', () => {
  const path = '/control/socket.io';
  let events: { [K in keyof ControlEvents]: ReturnType<typeof vi.fn<ControlEvents[K]>> };
  let selected: unknown[];
  let commands: Record<string, unknown>[];
  let choice: unknown;
  let answer: ((acknowledge: (value: unknown) => void) => void) | undefined;

  const serve = (socket: Socket) => {
    socket.on('select_robot', (robot: unknown, acknowledge: (value: unknown) => void) => {
      selected.push(robot);
      acknowledge(choice);
    });
    socket.on('command_to_robot', (command: Record<string, unknown>, acknowledge: (value: unknown) => void) => {
      commands.push(command);
      answer?.(acknowledge);
    });
  };
  const open = (): ControlLink => {
    const link = newControlLink('demo', events);
    links.push(link);
    link.open();
    return link;
  };
  const connected = () => until(() => expect(events.connected).toHaveBeenLastCalledWith(true));

  beforeEach(async () => {
    events = { connected: vi.fn(), notChosen: vi.fn(), holdEnded: vi.fn(), commandSeen: vi.fn(), viewers: vi.fn(), refused: vi.fn(), turns: vi.fn(), you: vi.fn(), roundTrip: vi.fn(), latency: vi.fn(), pressers: vi.fn(), obeys: vi.fn(), cooldown: vi.fn(), registeredDrive: vi.fn(), banned: vi.fn() };
    selected = [];
    commands = [];
    choice = { ok: true };
    answer = (acknowledge) => acknowledge({ ok: true });
    server = await startSocketServer(path);
    server.io.on('connection', serve);
  });

  test("opens below the path of the robot's slot", async () => {
    await server.close();
    server = await startSocketServer('/slots/3/control/socket.io');
    server.io.on('connection', serve);
    const link = newControlLink('demo', events);
    links.push(link);
    link.open('slots/3/control');
    await connected();
  });

  test('tells round trips, the command that is obeyed and who goes first, of its own robot alone', async () => {
    open();
    await connected();
    for (const robot_id of ['other', 'demo']) {
      server.io.emit('latency', { robot_id, viewer_ms: 20, robot_ms: null, time: 1000 });
      server.io.emit('aggregate_color_change', { robot_id, command: 'F' });
      server.io.emit('registered_user_active', { robot_id });
    }
    await until(() => expect(events.registeredDrive).toHaveBeenCalledOnce());
    expect(events.latency.mock.calls).toEqual([[20, null, 1000]]);
    expect(events.obeys.mock.calls).toEqual([['F']]);
  });

  test('asks with and without an argument, and takes what is refused for an answer', async () => {
    const asked: unknown[][] = [];
    server.io.on('connection', (socket) => {
      socket.on('join_line', (...sent: unknown[]) => asked.push(sent.slice(0, -1)) && (sent.at(-1) as (value: unknown) => void)({ ok: true }));
      socket.on('grant_exclusive_control', (grant: unknown, acknowledge: (value: unknown) => void) => {
        asked.push([grant]);
        acknowledge({ ok: false, error: 'Nobody here has this number.', code: 'unknown_viewer' });
      });
    });
    const link = open();
    await connected();
    expect(await link.ask('join_line')).toEqual({ ok: true });
    expect(await link.ask('grant_exclusive_control', { id: 7 })).toMatchObject({ ok: false, code: 'unknown_viewer' });
    expect(asked).toEqual([[], [{ id: 7 }]]);
  });

  test('chooses its robot, and counts as connected when the server has agreed', async () => {
    open();
    await connected();
    expect(selected).toEqual([{ robot_id: 'demo', ticket: ticket(), latency: true }]);
  });

  test('is not connected when the server does not let it choose, and says why', async () => {
    choice = { ok: false, error: 'At most 1000 viewers can choose this robot.', code: 'robot_full' };
    open();
    await until(() => expect(events.notChosen).toHaveBeenCalledWith(choice));
    expect(events.connected).not.toHaveBeenCalled();
  });

  test('tells who drives and who waits, and by what number to find oneself', async () => {
    open();
    await connected();
    server.io.emit('control_state', { robot_id: 'demo', you: 3, mode: 'queue', line: [{ id: 3, username: '' }] });
    await until(() => expect(events.you).toHaveBeenCalledWith(3));
    expect(events.turns).toHaveBeenCalledWith(expect.objectContaining({ mode: 'queue', line: [{ id: 3, user: '', present: true }] }));
  });

  test('tells when the server has ended a hold', async () => {
    open();
    await connected();
    server.io.emit('command_refused', { robot_id: 'demo', command: 'F', error: 'The robot was released.', code: 'released' });
    await until(() =>
      expect(events.holdEnded).toHaveBeenCalledWith('F', { ok: false, error: 'The robot was released.', code: 'released' }),
    );
  });

  test('sends a command with the viewer’s own clock, and measures the answer', async () => {
    const link = open();
    await connected();
    const before = performance.now();
    link.send('F', 'down', 1);
    await until(() => expect(events.roundTrip).toHaveBeenCalledOnce());
    expect(commands).toEqual([{ robot_id: 'demo', command: 'F', key_position: 'down', t: expect.any(Number) as number }]);
    expect(commands[0]?.['t']).toBeGreaterThanOrEqual(before);
    expect(events.refused).not.toHaveBeenCalled();
  });

  test('tells which hold was refused, and why', async () => {
    answer = (acknowledge) => acknowledge({ ok: false, error: 'The robot is away.', code: 'offline' });
    const link = open();
    await connected();
    link.send('F', 'down', 7);
    await until(() =>
      expect(events.refused).toHaveBeenCalledWith(7, 'down', { ok: false, error: 'The robot is away.', code: 'offline' }),
    );
  });

  test('keeps no command for later while the connection is away', async () => {
    const link = open();
    await connected();
    const { port } = server;
    await server.close();
    await until(() => expect(events.connected).toHaveBeenLastCalledWith(false));
    link.send('F', 'down', 1);

    server = await startSocketServer(path, port);
    server.io.on('connection', serve);
    await connected();
    expect(selected).toHaveLength(2); // it chose its robot again
    link.send('L', 'down', 2);
    await until(() => expect(commands).toHaveLength(1));
    expect(commands[0]?.['command']).toBe('L');
  });

  test('lets only so many repeats be under way unanswered, and every press and release', async () => {
    answer = undefined;
    const link = open();
    await connected();
    link.send('F', 'down', 1);
    for (let i = 0; i < maxRepeatsUnderWay + 3; i++) link.send('F', 'intermediate', 1);
    link.send('F', 'up', 1);
    await until(() => expect(commands.at(-1)?.['key_position']).toBe('up'));
    const repeats = commands.filter((command) => command['key_position'] === 'intermediate');
    expect(repeats).toHaveLength(maxRepeatsUnderWay);
  });

  test('answered repeats make room for more', async () => {
    const link = open();
    await connected();
    for (let i = 1; i <= maxRepeatsUnderWay * 2; i++) {
      link.send('F', 'intermediate', 1);
      await until(() => expect(events.roundTrip).toHaveBeenCalledTimes(i));
    }
    expect(commands).toHaveLength(maxRepeatsUnderWay * 2);
  });

  test('hears viewers and what is pressed at its robot', async () => {
    open();
    await connected();
    server.io.emit('num_viewers', 12);
    server.io.emit('robot_command_has_hit_webserver', { robot_id: 'other', command: 'B' });
    server.io.emit('robot_command_has_hit_webserver', { robot_id: 'demo', command: 'F', user: 'ada', key_position: 'down' });
    await until(() => expect(events.commandSeen).toHaveBeenCalledOnce());
    expect(events.commandSeen).toHaveBeenCalledWith({ user: 'ada', command: 'F', position: 'down' });
    expect(events.viewers).toHaveBeenCalledWith(12);
  });
});

describe('the chat socket', () => {
  test('says a line with the robot’s name in front and hands over what is heard', async () => {
    const events = { connected: vi.fn(), history: vi.fn(), message: vi.fn(), removed: vi.fn(), mayModerate: vi.fn(), slowMode: vi.fn(), viewers: vi.fn() };
    const said: unknown[] = [];
    server = await startSocketServer('/chat/socket.io');
    server.io.on('connection', (socket) => {
      socket.on('select_robot', (_: unknown, acknowledge: (value: unknown) => void) => {
        socket.emit('chat_history', [{ _id: '1' }]);
        acknowledge({ ok: true, may_moderate: true, slow_mode_seconds: 30 });
        socket.emit('viewers_list', { robot_id: 'another', users: ['bob'] });
        socket.emit('viewers_list', { robot_id: 'demo', users: ['ada'] });
        socket.emit('message_removed', { message_id: '1' });
        socket.emit('chat_rules', { robot_id: 'another', slow_mode_seconds: 7 });
        socket.emit('chat_rules', { robot_id: 'demo', slow_mode_seconds: 0 });
      });
      socket.on('chat_message', (message: unknown, acknowledge: (value: unknown) => void) => {
        said.push(message);
        socket.emit('chat_message_with_name', { _id: '2' });
        acknowledge({ ok: said.length === 1, error: 'Too fast.', retry_after: 12 });
      });
    });
    const link = newChatLink('demo', events);
    links.push(link);
    expect(await link.say('early', 'Robo')).toEqual({ ok: false, code: 'not_connected' });

    link.open();
    await until(() => expect(events.removed).toHaveBeenCalledWith('1'));
    expect(events.history).toHaveBeenCalledWith([{ _id: '1' }]);
    expect(await link.say('hi', 'Robo')).toMatchObject({ ok: true });
    expect(await link.say('hi', 'Robo')).toEqual({ ok: false, error: 'Too fast.', retryAfter: 12 });
    expect(events.mayModerate).toHaveBeenCalledWith(true);
    expect(events.viewers.mock.calls).toEqual([[{ robot_id: 'demo', users: ['ada'] }]]);
    expect(events.slowMode.mock.calls).toEqual([[30], [0]]);
    expect(said[0]).toEqual({ message: '[Robo] hi', robot_id: 'demo', robot_name: 'Robo' });
    expect(events.message).toHaveBeenCalledWith({ _id: '2' });
  });
});

describe('the status socket', () => {
  test('asks for one robot, or for none to follow all', async () => {
    const selected: unknown[] = [];
    server = await startSocketServer('/status/socket.io');
    server.io.on('connection', (socket) => {
      socket.on('select_robot', (robot: unknown) => selected.push(robot));
      socket.emit('robot_statuses', { robot_statuses: [{ robot_id: 'demo', video: 'flowing' }] });
    });
    const all = { connected: vi.fn(), statuses: vi.fn() };
    const one = { connected: vi.fn(), statuses: vi.fn() };
    links.push(newStatusLink(null, all), newStatusLink('demo', one));
    for (const link of links) link.open();
    await until(() => expect(all.statuses).toHaveBeenCalledWith([{ robot_id: 'demo', video: 'flowing' }]));
    await until(() => expect(selected).toEqual([{ robot_id: 'demo' }]));
  });

  test('tells that the settings of the robot that is followed have changed, and of no other', async () => {
    server = await startSocketServer('/status/socket.io');
    server.io.on('connection', (socket) => {
      socket.on('select_robot', () => {
        for (const handle of ['other', 'demo', 'demo']) socket.emit('robot_settings_changed', { robot_id: handle });
      });
    });
    const settingsChanged = vi.fn();
    const link = newStatusLink('demo', { connected: vi.fn(), statuses: vi.fn(), settingsChanged });
    links.push(link);
    link.open();

    await until(() => expect(settingsChanged).toHaveBeenCalledTimes(2));
  });
});
