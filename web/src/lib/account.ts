/** Accounts and the robots of one's own, as the API has them. */

import { list, readRobot, record, send, text } from './api';
import { changesOf } from './changes';
import type { ButtonPanel, Robot } from './robots';

export interface Account {
  name: string;
  administrator: boolean;
}

export interface ApiKey {
  id: number;
  name: string;
  /** A moment in ISO 8601; null: never. */
  lastUsed: string | null;
  /** The key itself, only right after it was made. */
  key: string;
}

export interface Credentials {
  robotId: string;
  cameras: { cameraId: number; streamKey: string }[];
}

export type Visibility = 'public' | 'unlisted' | 'private';
export type BareIdRule = 'everywhere' | 'tls' | 'networks' | 'off';
export type DriveRule = 'everyone' | 'signed_in' | 'named' | 'owner';

/** What an owner changes of a robot. */
export interface RobotSettings {
  robot_name: string;
  robot_description: string;
  visibility: Visibility;
  drive: DriveRule;
  drivers: string[];
  anonymous_control: boolean;
  dev_mode: boolean;
  mic_enabled: boolean;
  /** Size of the picture in pixels. */
  xres: number;
  yres: number;
  non_global_chat: boolean;
  release: string;
  custom_panels: boolean;
  button_panels: ButtonPanel[];
  bare_robot_id: BareIdRule;
  bare_robot_id_networks: string[];
}

/** What is odd about those that say to be a robot. */
export interface Connections {
  /** Who gave the robot-id and was not let in, last. */
  refused: { code: string; address: string; at: string } | null;
  /** Two addresses that take the robot from each other. */
  alternating: { socket: string; addresses: string[]; at: string } | null;
}

/** Whether somebody may change a robot: its owner and administrators may. */
export function ownsRobot(account: Account | null | undefined, owner: string): boolean {
  return !!account && (account.name === owner || account.administrator);
}

/** Who has signed in; null when nobody has. */
export async function getAccount(): Promise<Account | null> {
  const user = record(await send('GET', 'api/v1/session'))['user'];
  return user ? readAccount(user) : null;
}

export async function signIn(username: string, password: string): Promise<Account> {
  return readAccount(record(await send('POST', 'api/v1/authenticate', { username, password }))['user']);
}

export async function signUp(username: string, password: string, code: string): Promise<Account> {
  return readAccount(record(await send('POST', 'api/v1/register', { username, password, ...(code ? { code } : {}) }))['user']);
}

export const signOut = () => send('POST', 'api/v1/logout', {});
export const changePassword = (password: string, new_password: string) => send('PUT', 'api/v1/account/password', { password, new_password });
export const deleteAccount = (password: string) => send('POST', 'api/v1/account/delete', { password });

export async function getKeys(): Promise<ApiKey[]> {
  return list(await send('GET', 'api/v1/account/keys')).map(readKey);
}

export async function addKey(name: string): Promise<ApiKey> {
  return readKey(await send('POST', 'api/v1/account/keys', { name }));
}

export const revokeKey = (id: number) => send('DELETE', `api/v1/account/keys/${id}`);

export async function getOwnRobots(): Promise<Robot[]> {
  return list(record(await send('GET', 'api/v1/account/robots'))['robots']).map(readRobot);
}

/** The handles of others' robots that one moderates. */
export async function getModerated(): Promise<string[]> {
  return list(record(await send('GET', 'api/v1/account'))['moderates']).map(text).filter(Boolean);
}

export async function addRobot(name: string, visibility: Visibility): Promise<Robot> {
  return readRobot(await send('POST', 'api/v1/robots', { name, visibility }));
}

export const deleteRobot = (handle: string) => send('DELETE', robotApi(handle));

export async function getSettings(handle: string): Promise<{ settings: RobotSettings; owner: string; connections: Connections }> {
  const robot = await send('GET', robotApi(handle));
  return { settings: readSettings(robot), owner: text(record(robot)['owner']), connections: readConnections(robot) };
}

/** What is to be saved of settings that the owner changed on the page. */
export function settingsToSave(read: RobotSettings, wanted: RobotSettings): Partial<RobotSettings> {
  const { button_panels, ...changes } = changesOf(read, wanted);
  // Without panels of its own the robot shows the default ones, which are not to be stored as the owner's.
  const keepsPanels = wanted.custom_panels && (button_panels !== undefined || changes.custom_panels);
  return keepsPanels ? { ...changes, button_panels: wanted.button_panels } : changes;
}

export async function changeSettings(handle: string, settings: Partial<RobotSettings>): Promise<RobotSettings> {
  return readSettings(await send('POST', robotApi(handle), settings));
}

export async function getCredentials(handle: string): Promise<Credentials> {
  const answer = record(await send('GET', `${robotApi(handle)}/credentials`));
  return {
    robotId: text(answer['robot_id']),
    cameras: list(answer['cameras'])
      .map(record)
      .map((camera) => ({ cameraId: Number(camera['camera_id']), streamKey: text(camera['stream_key']) })),
  };
}

export const replaceRobotId = (handle: string) => send('POST', `${robotApi(handle)}/credentials/robot-id`, {});
export const replaceStreamKey = (handle: string, cameraId: number) => send('POST', `${robotApi(handle)}/cameras/${cameraId}/stream-key`, {});
export const addCamera = (handle: string) => send('POST', `${robotApi(handle)}/cameras`, {});
export const deleteCamera = (handle: string, cameraId: number) => send('DELETE', `${robotApi(handle)}/cameras/${cameraId}`);

/** Makes a code that the robot's client exchanges for all it needs, within ten minutes. */
export async function makePairingCode(handle: string): Promise<string> {
  return text(record(await send('POST', `${robotApi(handle)}/pairing-codes`, {}))['code']);
}

/** Makes all links to watch worthless. */
export const withdrawLinks = (handle: string) => send('DELETE', `${robotApi(handle)}/viewing-tokens`);

/** Makes a token with which anyone may watch for so many days; for spectators: who comes with it sends nothing. */
export async function shareRobot(handle: string, days: number, spectator: boolean): Promise<string> {
  return text(record(await send('POST', `${robotApi(handle)}/viewing-tokens`, { days, spectator }))['token']);
}

/** Reads settings. What is missing takes the default of a new robot. */
export function readSettings(value: unknown): RobotSettings {
  const robot = record(value);
  const visibility = robot['visibility'];
  const drive = robot['drive'];
  const bare = robot['bare_robot_id'];
  return {
    robot_name: text(robot['robot_name']),
    robot_description: text(robot['robot_description']),
    visibility: visibility === 'unlisted' || visibility === 'private' ? visibility : 'public',
    drive: drive === 'signed_in' || drive === 'named' || drive === 'owner' ? drive : 'everyone',
    drivers: list(robot['drivers']).map(text).filter(Boolean),
    anonymous_control: robot['anonymous_control'] !== false,
    dev_mode: robot['dev_mode'] === true,
    mic_enabled: robot['mic_enabled'] === true,
    xres: Number(robot['xres']) || 640,
    yres: Number(robot['yres']) || 480,
    non_global_chat: robot['non_global_chat'] === true,
    release: text(robot['release']) || 'up',
    custom_panels: robot['custom_panels'] === true,
    button_panels: list(robot['button_panels']).map(editablePanel),
    bare_robot_id: bare === 'tls' || bare === 'networks' || bare === 'off' ? bare : 'everywhere',
    bare_robot_id_networks: list(robot['bare_robot_id_networks']).map(text).filter(Boolean),
  };
}

/** Reads what is odd about a robot's connections. */
export function readConnections(value: unknown): Connections {
  const connections = record(record(value)['connections']);
  const refused = record(connections['refused']);
  const alternating = record(connections['alternating']);
  return {
    refused: refused['code'] ? { code: text(refused['code']), address: text(refused['address']), at: text(refused['at']) } : null,
    alternating: alternating['socket']
      ? { socket: text(alternating['socket']), addresses: list(alternating['addresses']).map(text), at: text(alternating['at']) }
      : null,
  };
}

/** A panel with everything that it has: what the page does not show (colours, access lists) is saved as it came. */
function editablePanel(value: unknown): ButtonPanel {
  const panel = record(value);
  return {
    ...panel,
    button_panel_label: text(panel['button_panel_label']),
    buttons: list(panel['buttons'])
      .map(record)
      .map((button) => ({ ...button, label: text(button['label']), command: text(button['command']) })),
  };
}

function readAccount(value: unknown): Account {
  const account = record(value);
  return { name: text(account['username']), administrator: account['administrator'] === true };
}

function readKey(value: unknown): ApiKey {
  const key = record(value);
  return { id: Number(key['id']), name: text(key['name']), lastUsed: text(key['last_used_at']) || null, key: text(key['key']) };
}

function robotApi(handle: string): string {
  return `api/v1/robots/${encodeURIComponent(handle)}`;
}
