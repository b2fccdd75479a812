/** Editing a robot's panels. The limits are the server's; see `button_panels` in docs/protocol.md. */

import { list, record, text } from './api';
import type { Button, ButtonPanel } from './robots';

export const maxPanels = 20;
export const maxButtons = 50;
export const maxLabel = 50;
export const maxCommand = 100;
export const maxKey = 20;

/** A button's place: which panel, and where in it. */
export interface Spot {
  panel: number;
  index: number;
}

/** Why panels cannot be saved, at the place where it is; the first of several. */
export type PanelProblem = { kind: 'command' | 'key' | 'panels' | 'buttons' | 'colour' | 'cooldown'; panel: number; index: number };

/** What is wrong with panels; null: nothing. */
export function problemOf(panels: readonly ButtonPanel[]): PanelProblem | null {
  if (panels.length > maxPanels) return { kind: 'panels', panel: maxPanels, index: 0 };
  const keys = new Set<string>();
  for (const [panel, { buttons }] of panels.entries()) {
    if (buttons.length > maxButtons) return { kind: 'buttons', panel, index: maxButtons };
    for (const [index, button] of buttons.entries()) {
      if (!button.command.trim() || button.command.length > maxCommand) return { kind: 'command', panel, index };
      if (button.color && !/^#[0-9a-f]{6}$/i.test(button.color)) return { kind: 'colour', panel, index };
      if (button.cooldown !== undefined && !(button.cooldown >= 0)) return { kind: 'cooldown', panel, index };
      const key = button.key?.toLowerCase();
      if (key && keys.has(key)) return { kind: 'key', panel, index };
      if (key) keys.add(key);
    }
  }
  return null;
}

/** The panels with a button taken to another place; out of range: as far as it goes. */
export function moved(panels: readonly ButtonPanel[], from: Spot, to: Spot): ButtonPanel[] {
  const button = panels[from.panel]?.buttons[from.index];
  if (!button || !panels[to.panel]) return [...panels];
  const without = panels.map((panel, number) =>
    number === from.panel ? { ...panel, buttons: panel.buttons.filter((_, index) => index !== from.index) } : panel,
  );
  return without.map((panel, number) => (number === to.panel ? { ...panel, buttons: inserted(panel.buttons, to.index, button) } : panel));
}

/** Panels as a text to edit, and back. */
export const asJson = (panels: readonly ButtonPanel[]) => JSON.stringify(panels, null, 2);

/** Reads panels from such a text; null when it is none. What a panel has beside our keys stays. */
export function fromJson(json: string): ButtonPanel[] | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  if (!Array.isArray(value)) return null;
  return value.map(record).map((panel) => ({
    ...panel,
    button_panel_label: text(panel['button_panel_label']),
    buttons: list(panel['buttons'])
      .map(record)
      .map((button) => ({ ...button, label: text(button['label']), command: text(button['command']) })),
  }));
}

/** A key as a button names it. */
export function keyName(event: Pick<KeyboardEvent, 'key'>): string {
  return event.key === ' ' ? 'space' : event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

function inserted(buttons: readonly Button[], index: number, button: Button): Button[] {
  const at = Math.max(0, Math.min(index, buttons.length));
  return [...buttons.slice(0, at), button, ...buttons.slice(at)];
}
