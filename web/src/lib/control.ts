/** The rules of a robot's control, and what its owner does about it over HTTP. */

import { list, record, send, text } from './api';
import { asQuery, sitePath } from './site';
import { modes, type Mode } from './turns';

/** What the owner lays down; see docs/control.md. */
export interface ControlRules {
  mode: Mode;
  turn_seconds: number;
  vote_seconds: number;
  registered_first: boolean;
  video_bound: boolean;
  /** Accounts that may stop the robot, beside the owner. */
  stoppers: string[];
  /** How long commands are kept; 0: not at all. */
  log_days: number;
}

/** A line of the log of commands. */
export interface LoggedCommand {
  id: number;
  /** A moment in ISO 8601. */
  at: string;
  username: string;
  command: string;
  position: string;
  outcome: string;
}

/** What is looked for in the log; empty texts look for nothing. */
export interface LogSearch {
  username: string;
  command: string;
  outcome: string;
}

/** How many lines of the log are asked for at once. */
export const logPage = 100;

/** The most lines that one answer has, and so one file. */
export const maxLogLines = 1000;

const path = (handle: string) => `api/v1/robots/${encodeURIComponent(handle)}`;

export async function getRules(handle: string): Promise<ControlRules> {
  return readRules(await send('GET', `${path(handle)}/control`));
}

/** Whether whoever has signed in may stop the robot in an emergency. */
export async function mayStop(handle: string): Promise<boolean> {
  return record(await send('GET', `${path(handle)}/control`))['may_stop'] === true;
}

export async function changeRules(handle: string, rules: Partial<ControlRules>): Promise<ControlRules> {
  return readRules(await send('POST', `${path(handle)}/control`, rules));
}

/** Gives an account exclusive control, for so many seconds or until it is ended; oneself without a name. */
export const grantExclusive = (handle: string, username?: string, seconds?: number) =>
  send('POST', `${path(handle)}/exclusive_control`, { ...(username ? { username } : {}), ...(seconds ? { seconds } : {}) });
export const reopen = (handle: string) => send('POST', `${path(handle)}/reopen`, {});

/** Tells the robot to send its picture, or to stop sending it. */
export const switchVideo = (handle: string, on: boolean) => send('POST', `${path(handle)}/video`, { on });

/** The newest lines of the log, or those before a line. */
export async function getCommands(handle: string, search: LogSearch, before?: number): Promise<LoggedCommand[]> {
  const query = { ...wanted(search), limit: String(logPage), ...(before === undefined ? {} : { before: String(before) }) };
  return list(record(await send('GET', `${path(handle)}/commands`, undefined, undefined, query))['commands']).map(readCommand);
}

/** Where a browser downloads the log as CSV. */
export function commandsFile(handle: string, search: LogSearch): string {
  return sitePath(`${path(handle)}/commands`) + asQuery({ ...wanted(search), limit: String(maxLogLines), format: 'csv' });
}

/** Reads rules. What is missing takes the default of a new robot. */
export function readRules(value: unknown): ControlRules {
  const rules = record(value);
  const number = (name: string, otherwise: number) => (typeof rules[name] === 'number' ? rules[name] : otherwise);
  return {
    mode: modes.find((mode) => mode === rules['mode']) ?? 'everyone',
    turn_seconds: number('turn_seconds', 60),
    vote_seconds: number('vote_seconds', 1),
    registered_first: rules['registered_first'] === true,
    video_bound: rules['video_bound'] === true,
    stoppers: list(rules['stoppers']).map(text).filter(Boolean),
    log_days: number('log_days', 7),
  };
}

function readCommand(value: unknown): LoggedCommand {
  const line = record(value);
  return {
    id: Number(line['id']),
    at: text(line['at']),
    username: text(line['username']),
    command: text(line['command']),
    position: text(line['key_position']),
    outcome: text(line['outcome']),
  };
}

function wanted(search: LogSearch): Record<string, string> {
  return Object.fromEntries(Object.entries(search).filter(([, sought]) => sought !== ''));
}
