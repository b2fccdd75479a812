/** Everything the site says, in English. One file, so that a translation is one more. */

import type { Presence } from './lib/robots';

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

export const texts = {
  site: 'LiveRobot',
  skip: 'Skip to content',

  presence: { live: 'Live', 'no-picture': 'Online, no picture', offline: 'Offline' } satisfies Record<Presence, string>,
  viewers: (count: number) => plural(count, 'viewer', 'viewers'),
  watching: (count: number) => `${count} watching`,
  by: (owner: string) => `by ${owner}`,

  home: {
    title: (live: number) =>
      live === 0 ? 'Every robot is asleep.' : `${live === 1 ? 'One robot is' : `${spelled(live)} robots are`} awake.`,
    lead: (live: number) =>
      live === 0 ? 'This page wakes up by itself when one comes online.' : `${live > 1 ? 'Pick one. ' : ''}Take the controls. Say hello.`,
    live: 'Live now',
    noPicture: 'Online, no picture',
    offline: 'Asleep',
    loading: 'Looking for robots',
    empty: 'No robots here yet',
    emptyHint: 'Add the first one on the server:',
    emptyCommand: 'dotnet run --project src/LiveRobot -- robots add NAME --owner OWNER --json',
    failed: 'The list of robots could not be loaded.',
    drive: 'Drive',
  },

  robot: {
    back: 'All robots',
    loading: 'Loading robot',
    failed: 'This robot could not be loaded.',
    missing: 'No robot answers to that name',
    missingHint: 'It may have moved, or the address has a typing error.',
    feedConflict: (medium: 'video' | 'audio') => `Two encoders send this robot's ${medium}, and the newer was refused. Stop one of them.`,
    video: (name: string) => `Live video from ${name}`,
    camera: (number: number) => `Camera ${number}`,
    cameras: 'Cameras',
    figures: 'Connection',
    roundTrip: (ms: number) => `${ms < 1 ? '<1' : Math.round(ms)} ms`,
    roundTripHelp: 'From your press to the server’s answer and back',
  },

  stage: {
    title: 'Picture and sound',
    offline: (name: string) => `${name} is asleep`,
    offlineHint: 'The picture starts by itself when it wakes up.',
    noPicture: 'Nothing to see yet',
    noPictureHint: (name: string) => `${name} is online and hears you, but its camera sends nothing.`,
    waiting: 'Waiting for the picture',
    unplayable: 'This video cannot be shown here',
    unplayableHint: 'The page plays MPEG-1; the robot sends something else.',
    stopped: 'No fresh picture',
    stalled: 'The picture has stopped',
    stalledHint: 'Last frame shown. It continues by itself.',
    unmute: 'Turn sound on',
    mute: 'Turn sound off',
    volume: 'Volume',
    fullscreen: 'Full screen',
    leaveFullscreen: 'Leave full screen',
  },

  controls: {
    title: 'Controls',
    reconnecting: 'Connecting to the controls…',
    refused: 'The robot did not take that command.',
    barred: 'You cannot drive this robot now.',
    activity: 'Who is driving',
    someone: 'Someone',
    you: 'You',
  },

  chat: {
    title: 'Chat',
    empty: 'Nobody has said anything yet. Start.',
    placeholder: (name: string) => `Say something to ${name}`,
    send: 'Send',
    left: (count: number) => (count < 0 ? `${-count} too many` : `${count} left`),
    newer: 'New messages',
    offline: 'Connecting to chat…',
    notConnected: 'Not sent: chat is reconnecting. Try again in a moment.',
    noAnswer: 'No answer from the server. It may not have been sent.',
    refused: 'The message was not accepted.',
  },

  missing: {
    title: 'There is nothing at this address',
    hint: 'The robots are at home, though.',
    home: 'See all robots',
  },

  retry: 'Try again',
};

function spelled(count: number): string {
  return ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'][count] ?? String(count);
}
