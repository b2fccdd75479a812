import { expect, test } from 'vitest';
import { readConnections, readSettings, settingsToSave, type RobotSettings } from './account';

test('settings keep what the page does not show of a button', () => {
  const button = { label: 'On', command: 'LED', color: '#ff0000', access: ['bobby'], cooldown: 5 };
  const settings = readSettings({ button_panels: [{ button_panel_label: 'Lights', buttons: [button] }] });
  expect(settings.button_panels).toEqual([{ button_panel_label: 'Lights', buttons: [button] }]);
});

test('settings that are missing are those of a new robot', () => {
  expect(readSettings({})).toMatchObject({ visibility: 'public', drive: 'everyone', anonymous_control: true, dev_mode: false, release: 'up' });
});

test('the connections of a robot are odd only where something was seen', () => {
  expect(readConnections({})).toEqual({ refused: null, alternating: null });
  expect(readConnections({ connections: { refused: null, alternating: { socket: 'chat', addresses: ['192.0.2.1', '192.0.2.2'], at: 'now' } } })).toEqual({
    refused: null,
    alternating: { socket: 'chat', addresses: ['192.0.2.1', '192.0.2.2'], at: 'now' },
  });
});

test('only what the owner changed is saved, so that what pairing changed meanwhile stays', () => {
  const read = readSettings({ robot_name: 'Rover', bare_robot_id: 'everywhere', drivers: ['ann'] });
  expect(settingsToSave(read, { ...read, drivers: ['ann', 'bob'] })).toEqual({ drivers: ['ann', 'bob'] });
});

test('panels are saved when they or their use begins to differ, and the default ones never', () => {
  const button_panels = [{ button_panel_label: 'Drive', buttons: [{ label: 'On', command: 'LED' }] }];
  const [usual, own] = [false, true].map((custom_panels) => readSettings({ custom_panels, button_panels })) as [RobotSettings, RobotSettings];
  expect(settingsToSave(usual, own)).toEqual({ custom_panels: true, button_panels });
  expect(settingsToSave(own, { ...own, button_panels: [] })).toEqual({ button_panels: [] });
  expect(settingsToSave(own, own)).toEqual({});
  expect(settingsToSave(own, { ...usual, button_panels: [] })).toEqual({ custom_panels: false });
});
