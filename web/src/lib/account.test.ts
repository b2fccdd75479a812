import { expect, test } from 'vitest';
import { readSettings } from './account';

test('settings keep what the page does not show of a button', () => {
  const button = { label: 'On', command: 'LED', color: '#ff0000', access: ['bobby'], cooldown: 5 };
  const settings = readSettings({ button_panels: [{ button_panel_label: 'Lights', buttons: [button] }] });
  expect(settings.button_panels).toEqual([{ button_panel_label: 'Lights', buttons: [button] }]);
});

test('settings that are missing are those of a new robot', () => {
  expect(readSettings({})).toMatchObject({ visibility: 'public', drive: 'everyone', anonymous_control: true, dev_mode: false, release: 'up' });
});
