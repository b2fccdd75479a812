import { expect, test } from 'vitest';
import { covered, hostsCommand, letsRobotFile, script, videoCommand, type GuideFacts } from './guide';

const facts: GuideFacts = {
  owner: 'alice',
  robotId: '01234567890123456789',
  cameraId: 7,
  streamKey: 'a-stream-key',
  xres: 640,
  yres: 480,
  origin: 'http://robots.example.org:8080',
  services: {
    control: 'http://robots.example.org:8021',
    chat: 'http://robots.example.org:8023',
    status: 'http://robots.example.org:8022',
    video: 'http://robots.example.org:8082',
    audio: 'http://robots.example.org:8083',
  },
};

test('the LetsRobot client gets its ids and the port for TLS', () => {
  expect(letsRobotFile(facts)).toContain('robot_id=01234567890123456789\ncamera_id=7\nstream_key=a-stream-key\n');
  expect(letsRobotFile(facts)).toContain('info_server=letsrobot.tv:8443');
  expect(letsRobotFile({ ...facts, origin: 'https://robots.example.org' })).toContain('info_server=letsrobot.tv:443');
  expect(hostsCommand(facts.origin)).toContain('getent hosts robots.example.org');
});

test('ffmpeg sends to the relay under the stream key and the size', () => {
  expect(videoCommand(facts)).toContain('http://robots.example.org:8082/a-stream-key/640/480/');
});

test('the script says who it is at all three sockets', () => {
  for (const port of [8021, 8022, 8023]) expect(script(facts)).toContain(`connect("http://robots.example.org:${port}")`);
  expect(script(facts)).toContain('ROBOT_ID, CAMERA_ID = "01234567890123456789", 7');
});

test('secrets are covered wherever they stand', () => {
  const shown = covered(letsRobotFile(facts), [facts.robotId, facts.streamKey]);
  expect(shown).not.toContain(facts.robotId);
  expect(shown).not.toContain(facts.streamKey);
  expect(shown).toContain('camera_id=7');
});
