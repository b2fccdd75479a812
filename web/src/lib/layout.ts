/** How a panel's buttons are arranged. */

import type { Button, ButtonPanel } from './robots';

/** The four directions as a cross, and the other buttons in their order. */
export interface PanelLayout {
  cross: { forward: Button; left: Button; back: Button; right: Button } | null;
  rest: Button[];
}

/** A panel with the protocol's four directions (F, B, L, R) gets them as a cross. */
export function layoutOf(panel: ButtonPanel): PanelLayout {
  const find = (command: string) => panel.buttons.find((button) => button.command === command);
  const [forward, left, back, right] = [find('F'), find('L'), find('B'), find('R')];
  if (!forward || !left || !back || !right) return { cross: null, rest: panel.buttons };
  const inCross = new Set([forward, left, back, right]);
  return { cross: { forward, left, back, right }, rest: panel.buttons.filter((button) => !inCross.has(button)) };
}
