/**
 * The three Socket.IO connections of the site, all of this origin. Each is made closed, and chooses its robot anew
 * after every connect.
 */

import { io, type Socket } from 'socket.io-client';
import { readStatuses, record, text } from './api';
import { readCommandSeen, type CommandSeen } from './activity';
import { withPrefix } from './chat';
import type { KeyPosition } from './holds';
import type { RobotStatus } from './robots';
import { readTurnState, readYou, ticket, type TurnState } from './turns';
import { sitePath, tokenQuery } from './site';

/** How long an acknowledgement may take, in milliseconds. */
const answerTimeoutMs = 5000;

/** Repeats that may be on their way unanswered. More would only queue behind a link that has stopped. */
export const maxRepeatsUnderWay = 4;

/** What the server answers to an event. */
export interface Answer {
  ok: boolean;
  error?: string;
  code?: string;
  /** In how many seconds it may be tried again. */
  retryAfter?: number;
}

/** What all three can do. */
export interface Link {
  /** Connects, below a path of the site if it is another than the usual: that of the robot's slot. */
  open(path?: string): void;
  close(): void;
}

function newSocket(path: string): Socket {
  return io({
    path: sitePath(path),
    query: tokenQuery(),
    autoConnect: false,
    forceNew: true,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
  });
}

function openAt(socket: Socket, path?: string): void {
  if (path !== undefined) socket.io.opts.path = sitePath(`${path}/socket.io`);
  socket.connect();
}

function readAnswer(value: unknown): Answer {
  if (typeof value !== 'object' || value === null) return { ok: true };
  const { ok, error, code, retry_after: retryAfter } = value as Record<string, unknown>;
  const answer: Answer = { ok: ok === true };
  if (typeof error === 'string') answer.error = error;
  if (typeof code === 'string') answer.code = code;
  if (typeof retryAfter === 'number') answer.retryAfter = retryAfter;
  return answer;
}

export interface ControlEvents {
  /** True once the robot is chosen, false when the connection is gone. */
  connected(connected: boolean): void;
  /** The connection is there, but the server does not let this viewer choose the robot. */
  notChosen(answer: Answer): void;
  commandSeen(seen: CommandSeen): void;
  viewers(count: number): void;
  /** A command was not passed on. */
  refused(holdId: number, position: KeyPosition, answer: Answer): void;
  /** The server has ended the holds on a command; a fresh press is needed. */
  holdEnded(command: string, answer: Answer): void;
  /** Who drives and who waits has changed. */
  turns(state: TurnState): void;
  /** The number by which this viewer finds itself among them. */
  you(number: number): void;
  /** Time from sending a command to its acknowledgement, in milliseconds. */
  roundTrip(ms: number): void;
  /**
   * Round trips from the server to this viewer and to the robot and back, in milliseconds, and when that was sent, in
   * Unix milliseconds; null: not measured.
   */
  latency(viewerMs: number | null, robotMs: number | null, time: number | null): void;
  /** `pip`: who presses a command now. */
  pressers(value: unknown): void;
  /** The command that the robot obeys now; `stop`: none. */
  obeys(command: string): void;
  /** `cooldown`: a button rests. */
  cooldown(value: unknown): void;
  /** This viewer is kept away from the robot; the server ends the connection. */
  banned(reason: string): void;
  /** Somebody who has signed in drives, and those who have not wait. */
  registeredDrive(): void;
}

/** What a viewer asks of the control socket beside presses. */
export type ControlRequest = 'join_line' | 'leave_line' | 'emergency_stop' | 'grant_exclusive_control' | 'end_exclusive_control';

export interface ControlLink extends Link {
  send(command: string, position: KeyPosition, holdId: number): void;
  /** Asks for something. Resolves with a refusal when no answer comes in time. */
  ask(event: ControlRequest, argument?: Record<string, unknown>): Promise<Answer>;
}

export function newControlLink(handle: string, events: ControlEvents): ControlLink {
  const socket = newSocket('control/socket.io');
  let repeatsUnderWay = 0;

  socket.on('connect', () => {
    repeatsUnderWay = 0;
    socket.emit('select_robot', { robot_id: handle, ticket: ticket(), latency: true }, (value: unknown) => {
      const answer = readAnswer(value);
      if (answer.ok) events.connected(true);
      else events.notChosen(answer);
    });
  });
  socket.on('disconnect', () => events.connected(false));
  socket.on('command_refused', (value: unknown) => {
    const command = record(value)['command'];
    if (typeof command === 'string') events.holdEnded(command, { ...readAnswer(value), ok: false });
  });
  socket.on('control_state', (value: unknown) => {
    const you = readYou(value);
    if (you !== null) events.you(you);
    const state = readTurnState(value, handle, performance.now());
    if (state) events.turns(state);
  });
  socket.on('latency', (value: unknown) => {
    const { robot_id, viewer_ms, robot_ms, time } = record(value);
    if (robot_id === handle) events.latency(numberOrNull(viewer_ms), numberOrNull(robot_ms), numberOrNull(time));
  });
  socket.on('pip', (value: unknown) => events.pressers(value));
  socket.on('cooldown', (value: unknown) => events.cooldown(value));
  socket.on('aggregate_color_change', (value: unknown) => {
    const { robot_id, command } = record(value);
    if (robot_id === handle && typeof command === 'string') events.obeys(command);
  });
  socket.on('registered_user_active', (value: unknown) => {
    if (record(value)['robot_id'] === handle) events.registeredDrive();
  });
  socket.on('banned', (value: unknown) => events.banned(text(record(value)['error'])));
  socket.on('num_viewers', (count: unknown) => {
    if (typeof count === 'number') events.viewers(count);
  });
  socket.on('robot_command_has_hit_webserver', (value: unknown) => {
    const seen = readCommandSeen(value, handle);
    if (seen) events.commandSeen(seen);
  });

  return {
    send(command, position, holdId) {
      // The library would keep it and send it after a reconnect: a stale movement.
      if (!socket.connected) return;
      const repeat = position === 'intermediate';
      if (repeat && repeatsUnderWay >= maxRepeatsUnderWay) return;
      if (repeat) repeatsUnderWay++;

      const t = performance.now();
      const payload = { robot_id: handle, command, key_position: position, t };
      socket.timeout(answerTimeoutMs).emit('command_to_robot', payload, (late: Error | null, value: unknown) => {
        if (repeat && repeatsUnderWay > 0) repeatsUnderWay--;
        if (late) return;
        const answer = readAnswer(value);
        if (answer.ok) events.roundTrip(performance.now() - t);
        else events.refused(holdId, position, answer);
      });
    },
    async ask(event, ...argument) {
      try {
        return readAnswer(await socket.timeout(answerTimeoutMs).emitWithAck(event, ...argument));
      } catch {
        return { ok: false };
      }
    },
    open: (path) => openAt(socket, path),
    close: () => socket.disconnect(),
  };
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

export interface ChatEvents {
  connected(connected: boolean): void;
  /** The last messages, oldest first, as the server sent them. */
  history(messages: unknown[]): void;
  message(message: unknown): void;
  removed(messageId: string): void;
  /** Whether this viewer moderates the chat; null: the server does not say. */
  mayModerate(may: boolean | null): void;
  /** How many seconds whoever said something waits before they say more. */
  slowMode(seconds: number): void;
  /** `viewers_list`: who watches the robot. */
  viewers(value: unknown): void;
}

export interface ChatLink extends Link {
  /** Resolves when the server answered, or with an error when it did not in time. */
  say(text: string, robotName: string): Promise<Answer>;
}

export function newChatLink(handle: string, events: ChatEvents): ChatLink {
  const socket = newSocket('chat/socket.io');
  socket.on('connect', () => {
    events.connected(true);
    socket.emit('select_robot', { robot_id: handle }, (value: unknown) => {
      const { may_moderate: may, slow_mode_seconds: seconds } = record(value);
      events.mayModerate(typeof may === 'boolean' ? may : null);
      events.slowMode(typeof seconds === 'number' ? seconds : 0);
    });
  });
  socket.on('disconnect', () => events.connected(false));
  socket.on('viewers_list', (value: unknown) => {
    if (record(value)['robot_id'] === handle) events.viewers(value);
  });
  socket.on('chat_rules', (value: unknown) => {
    const { robot_id, slow_mode_seconds: seconds } = record(value);
    if (robot_id === handle && typeof seconds === 'number') events.slowMode(seconds);
  });
  socket.on('chat_history', (messages: unknown) => {
    if (Array.isArray(messages)) events.history(messages);
  });
  socket.on('chat_message_with_name', (message: unknown) => events.message(message));
  socket.on('message_removed', (value: unknown) => {
    const id = record(value)['message_id'];
    if (typeof id === 'string') events.removed(id);
  });

  return {
    async say(text, robotName) {
      if (!socket.connected) return { ok: false, code: 'not_connected' };
      const payload = { message: withPrefix(text, robotName), robot_id: handle, robot_name: robotName };
      try {
        return readAnswer(await socket.timeout(answerTimeoutMs).emitWithAck('chat_message', payload));
      } catch {
        return { ok: false, code: 'no_answer' };
      }
    },
    open: (path) => openAt(socket, path),
    close: () => socket.disconnect(),
  };
}

export interface StatusEvents {
  connected(connected: boolean): void;
  statuses(statuses: RobotStatus[]): void;
  /** The settings of the robot that is followed have changed, its panels among them. */
  settingsChanged?(): void;
}

/** Follows one robot, or all of them without a handle. */
export function newStatusLink(handle: string | null, events: StatusEvents): Link {
  const socket = newSocket('status/socket.io');
  socket.on('connect', () => {
    events.connected(true);
    if (handle !== null) socket.emit('select_robot', { robot_id: handle });
  });
  socket.on('disconnect', () => events.connected(false));
  socket.on('robot_settings_changed', (value: unknown) => {
    if (handle !== null && record(value)['robot_id'] === handle) events.settingsChanged?.();
  });
  socket.on('robot_statuses', (value: unknown) => events.statuses(readStatuses(value)));
  return { open: (path) => openAt(socket, path), close: () => socket.disconnect() };
}
