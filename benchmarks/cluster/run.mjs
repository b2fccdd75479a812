// What robots cost the nodes of an installation, and what crosses from node to node.
//
//   node run.mjs [--robots 10,100,1000] [--seconds 20]
//
// Two nodes each of control, chat and video, and one of API and status, on one Redis and one store, share the robots by
// two slots. Each robot has its control and chat socket and its encoder; a viewer has the same of it. Phases follow one
// another with everybody connected: nobody does anything; each viewer taps a key once a second; each viewer says a line
// every ten seconds; each robot sends ten pieces of a recording a second, of nearly two frames each. Processor time and memory are the nodes'; what crosses is
// counted by Redis itself (INFO commandstats), less what it does while nobody does anything.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import WebSocket from 'ws';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const options = { robots: '10,100,1000', seconds: '20' };
for (let i = 2; i < process.argv.length; i += 2) {
  options[process.argv[i].replace(/^--/, '')] = process.argv[i + 1];
}
const counts = options.robots.split(',').map(Number);
const seconds = Number(options.seconds);
const piecesPerSecond = 10;
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']));
const portNames = { Api: ['Api', 'ApiTls'], ControlSocket: ['Control'], ChatSocket: ['Chat', 'User'], StatusSocket: ['Status'], VideoRelay: ['Video', 'Audio'] };
const services = { Api: 1, ControlSocket: 2, ChatSocket: 2, StatusSocket: 1, VideoRelay: 2 };

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

async function until(isIt, what) {
  for (let tries = 0; tries < 600; tries++) {
    if (await isIt().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error(`Not within a minute: ${what}`);
}

/** Runs the tasks, so many at a time. */
async function each(items, atATime, task) {
  const rest = items.entries();
  await Promise.all(Array.from({ length: atATime }, async () => {
    for (const [index, item] of rest) await task(item, index);
  }));
}

// --- The installation -------------------------------------------------------------------------------------------------

const data = mkdtempSync(join(tmpdir(), 'liverobot-cluster-'));
const processes = [];
const nodes = [];
function start(program, args, env = {}) {
  const process_ = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
  processes.push(process_);
  return process_;
}

async function startInstallation() {
  for (const service of Object.keys(services)) {
    execFileSync('dotnet', ['publish', join(root, 'src', service), '-c', 'Release', '-o', join(here, 'build', service), '-v', 'q', '--nologo'], { stdio: 'inherit' });
  }
  const redis = await freePort();
  start('redis-server', ['--port', redis, '--save', '', '--appendonly', 'no', '--dir', data]);
  for (const [service, count] of Object.entries(services)) {
    for (let number = 1; number <= count; number++) {
      const ports = await Promise.all(portNames[service].map(freePort));
      nodes.push({ service, name: `${service}${number}`, ports });
    }
  }
  const of = (service, number) => nodes.find((node) => node.name === `${service}${number}`).ports;
  const settings = {
    Redis__Configuration: `127.0.0.1:${redis}`,
    Storage__Directory: data,
    Logging__LogLevel__Default: 'Warning',
    Accounts__RobotsPerAccount: '10000',
    ...Object.fromEntries([0, 1].flatMap((slot) => [
      [`Cluster__Slots__${slot}__Control`, `127.0.0.1:${of('ControlSocket', slot + 1)[0]}`],
      [`Cluster__Slots__${slot}__Chat`, `127.0.0.1:${of('ChatSocket', slot + 1)[0]}`],
      [`Cluster__Slots__${slot}__Video`, `127.0.0.1:${of('VideoRelay', slot + 1)[0]}`],
      [`Cluster__Slots__${slot}__Audio`, `127.0.0.1:${of('VideoRelay', slot + 1)[1]}`],
    ])),
  };
  for (const node of nodes) {
    const ports = Object.fromEntries(portNames[node.service].map((name, index) => [`Ports__${name}`, String(node.ports[index])]));
    node.process = start('dotnet', [join(here, 'build', node.service, `${node.service}.dll`)], { ...settings, ...ports, Cluster__Node: node.name });
    node.url = `http://127.0.0.1:${node.ports[0]}`;
    await until(async () => (await fetch(`${node.url}/readyz`)).ok, `${node.name} is ready`);
  }
  // Whichever node has a slot: there is no front here that would know.
  const holders = {};
  for (const service of ['ControlSocket', 'ChatSocket', 'VideoRelay']) {
    for (const slot of [0, 1]) {
      await until(async () => {
        for (const node of nodes.filter((one) => one.service === service)) {
          if ((await fetch(`${node.url}/readyz/slots/${slot}`)).ok) holders[`${service}${slot}`] = node;
        }
        return holders[`${service}${slot}`];
      }, `${service} has slot ${slot}`);
    }
  }
  return { redis, holders, api: nodes[0].url, slotOf: (port) => (port === of('ControlSocket', 1)[0] ? 0 : 1) };
}

// --- Robots and viewers -----------------------------------------------------------------------------------------------

const asJson = (body, cookie) => ({ method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...(cookie && { cookie }) } });

async function owner(api) {
  const answer = await fetch(`${api}/api/v1/register`, asJson({ username: 'owner', password: 'correct horse battery' }));
  if (!answer.ok) throw new Error(await answer.text());
  return answer.headers.get('set-cookie').split(';')[0];
}

async function addRobot(installation, cookie, name) {
  const answer = await fetch(`${installation.api}/api/v1/robots`, asJson({ name, visibility: 'public' }, cookie));
  if (!answer.ok) throw new Error(await answer.text());
  const { handle } = await answer.json();
  const { robot_id: robotId, cameras: [camera] } = await (await fetch(`${installation.api}/api/v1/robots/${handle}/credentials`, { headers: { cookie } })).json();
  const { port } = await (await fetch(`${installation.api}/get_control_host_port/${robotId}`)).json();
  return { handle, robotId, cameraId: camera.camera_id, streamKey: camera.stream_key, slot: installation.slotOf(port) };
}

function socketOf(url, event, argument) {
  const socket = io(url, { forceNew: true, transports: ['websocket'] });
  return new Promise((resolve, reject) => {
    socket.once('connect_error', reject);
    socket.once('connect', () => socket.emit(event, argument, (answer) => (answer?.ok === false ? reject(new Error(JSON.stringify(answer))) : resolve(socket))));
  });
}

async function connect(installation, robot) {
  const url = (service) => installation.holders[`${service}${robot.slot}`].url;
  robot.heard = robot.spoken = robot.seen = 0;
  const body = await socketOf(url('ControlSocket'), 'robot_id', robot.robotId);
  body.on('command_to_robot', (_, done) => { robot.heard++; done?.(); });
  const voice = await socketOf(url('ChatSocket'), 'identify_robot_id', robot.robotId).catch(() => socketOf(url('ChatSocket'), 'robot_id', robot.robotId));
  voice.on('chat_message_with_name', () => { robot.spoken++; });
  robot.driver = await socketOf(url('ControlSocket'), 'select_robot', { robot_id: robot.handle });
  robot.speaker = await socketOf(url('ChatSocket'), 'select_robot', { robot_id: robot.handle });
  robot.video = url('VideoRelay');
  const picture = new WebSocket(`${robot.video.replace('http', 'ws')}/${robot.handle}`);
  picture.on('message', () => { robot.seen++; });
  await new Promise((resolve, reject) => { picture.once('open', resolve); picture.once('error', reject); });
  robot.connections = [body, voice, robot.driver, robot.speaker];
}

/** Ten seconds of ffmpeg's, in pieces of whole TS packets. */
function recordedPieces() {
  const stream = execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25', '-t', '10', '-c:v', 'mpeg1video', '-b:v', '150k', '-bf', '0', '-f', 'mpegts', '-'], { maxBuffer: 1e8 });
  const length = Math.ceil(stream.length / (10 * 25) / 188) * 188;
  const frames = [];
  for (let at = 0; at < stream.length; at += length) frames.push(stream.subarray(at, at + length));
  return frames;
}

// --- What is measured -------------------------------------------------------------------------------------------------

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
const residentMegabytes = (pid) => (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 1e6;

function measure(redis, robots) {
  const stats = execFileSync('redis-cli', ['-p', redis, 'info', 'commandstats'], { encoding: 'utf8' });
  const calls = Object.fromEntries([...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(([, name, count]) => [name, Number(count)]));
  const sum = (what) => robots.reduce((total, robot) => total + robot[what], 0);
  return {
    at: performance.now() / 1000,
    cpu: Object.fromEntries(Object.keys(services).map((service) => [service, nodes.filter((node) => node.service === service).reduce((total, node) => total + cpuSeconds(node.process.pid), 0)])),
    memory: Object.fromEntries(Object.keys(services).map((service) => [service, nodes.filter((node) => node.service === service).reduce((total, node) => total + residentMegabytes(node.process.pid), 0)])),
    published: calls.publish ?? 0,
    calls: Object.values(calls).reduce((total, count) => total + count, 0),
    heard: sum('heard'), spoken: sum('spoken'), seen: sum('seen'),
  };
}

const phases = {
  nothing: () => () => {},
  driving(robots) {
    let position = 'down';
    const timers = robots.map((robot, index) => setTimeout(() => {
      robot.timer = setInterval(() => {
        robot.driver.emit('command_to_robot', { robot_id: robot.handle, command: 'F', key_position: 'down' }, () => {});
        setTimeout(() => robot.driver.emit('command_to_robot', { robot_id: robot.handle, command: 'F', key_position: 'up' }, () => {}), 200);
      }, 1000);
    }, (index * 1000) / robots.length));
    return () => { timers.forEach(clearTimeout); robots.forEach((robot) => clearInterval(robot.timer)); };
  },
  talking(robots) {
    let number = 0;
    const timers = robots.map((robot, index) => setTimeout(() => {
      robot.timer = setInterval(() => robot.speaker.emit('chat_message', { robot_id: robot.handle, message: `line ${++number}` }, () => {}), 10_000);
    }, (index * 10_000) / robots.length));
    return () => { timers.forEach(clearTimeout); robots.forEach((robot) => clearInterval(robot.timer)); };
  },
  watching(robots) {
    const frames = recordedPieces();
    const encoders = robots.map((robot) => {
      const request = http.request(`${robot.video}/${robot.streamKey}/320/240/`, { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' } });
      request.on('error', () => {});
      return request;
    });
    const began = performance.now();
    const sent = encoders.map(() => 0);
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1000) * piecesPerSecond);
      encoders.forEach((encoder, index) => {
        for (; sent[index] < due + (index / encoders.length) - 1; sent[index]++) encoder.write(frames[sent[index] % frames.length]);
      });
    }, 20);
    return () => { clearInterval(timer); encoders.forEach((encoder) => encoder.destroy()); };
  },
};

// --- The runs ---------------------------------------------------------------------------------------------------------

const one = (number, digits = 2) => number.toFixed(digits);
mkdirSync(join(here, 'build'), { recursive: true });
try {
  const installation = await startInstallation();
  const cookie = await owner(installation.api);
  const robots = [];
  console.log('| robots | phase | events/s | control, % of a core (MB) | chat | video | API and status | Redis commands/s | published per event | other Redis commands per event |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const count of counts) {
    while (robots.length < count) robots.push(await addRobot(installation, cookie, `Robot ${robots.length}`));
    await each(robots.filter((robot) => !robot.driver), 20, (robot) => connect(installation, robot));
    await sleep(5000);
    let idle;
    for (const [phase, begin] of Object.entries(phases)) {
      const end = begin(robots);
      await sleep(phase === 'talking' ? 10_000 : 3000);
      const before = measure(installation.redis, robots);
      await sleep(seconds * 1000);
      const after = measure(installation.redis, robots);
      end();
      await sleep(1500);
      const elapsed = after.at - before.at;
      const events = { nothing: 0, driving: after.heard - before.heard, talking: after.spoken - before.spoken, watching: after.seen - before.seen }[phase];
      const share = (...of) => `${one((of.reduce((total, service) => total + after.cpu[service] - before.cpu[service], 0) / elapsed) * 100, 1)} (${one(of.reduce((total, service) => total + after.memory[service], 0), 0)})`;
      const [published, calls] = [(after.published - before.published) / elapsed, (after.calls - before.calls) / elapsed];
      idle ??= { published, calls };
      const [crossing, rest] = [published - idle.published, calls - published - (idle.calls - idle.published)];
      const per = (rate) => (events === 0 ? '' : one(rate / (events / elapsed), 3));
      console.log(`| ${count} | ${phase} | ${one(events / elapsed, 0)} | ${share('ControlSocket')} | ${share('ChatSocket')} | ${share('VideoRelay')} | ${share('Api', 'StatusSocket')} | ${one(calls, 0)} | ${per(crossing)} | ${per(rest)} |`);
    }
  }
} finally {
  processes.forEach((process_) => process_.kill('SIGKILL'));
  rmSync(data, { recursive: true, force: true });
}
process.exit(0);
