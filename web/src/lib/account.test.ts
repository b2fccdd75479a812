import { expect, test } from 'vitest';
import { readConnections, readSettings } from './account';

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
