// Compares relays: ours, the obvious one on Node's ws, and a C loop that only reads and sends.
//
//   node run.mjs [--viewers 50,500,2000] [--runs 5] [--warmup 30] [--seconds 10] [--relays floor,node,liverobot] [--rate 1500k] [--stalled 0,50] [--live no]
//
// The relay runs on core 0, the load on core 1. Runs are interleaved; medians are printed. A run is void when the load
// used over 60 % of its core or a viewer missed a byte. With several numbers of stalled viewers, each is a row of its own.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const build = join(here, 'build');
const options = { viewers: '50,500,2000', runs: '5', warmup: '30', seconds: '10', relays: 'floor,node,liverobot', rate: '1500k', stalled: '0', live: 'no' };
for (let i = 2; i < process.argv.length; i += 2) {
  options[process.argv[i].replace(/^--/, '')] = process.argv[i + 1];
}
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']));
const serverCore = '0';
const loadCore = '1';
const isLive = options.live === 'yes';

// Until each has optimized its code; the floor has none to optimize.
const warmUp = { floor: 3, node: 10, liverobot: Number(options.warmup) };
const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=640x480:rate=25'];
const codec = ['-c:v', 'mpeg1video', '-b:v', options.rate, '-minrate', options.rate, '-maxrate', options.rate, '-bufsize', '1000k', '-bf', '0', '-muxdelay', '0.001', '-f', 'mpegts'];

function prepare() {
  mkdirSync(build, { recursive: true });
  for (const program of ['floor', 'generator']) {
    execFileSync('cc', ['-O2', '-o', join(build, program), join(here, `${program}.c`)]);
  }
  if (!existsSync(join(here, 'node/node_modules'))) {
    execFileSync('npm', ['ci'], { cwd: join(here, 'node'), stdio: 'inherit' });
  }
  execFileSync('dotnet', ['publish', join(here, 'server'), '-c', 'Release', '-o', join(build, 'server'), '-v', 'q'], { stdio: 'inherit' });
  const length = Math.max(...Object.values(warmUp)) + Number(options.seconds) + 1;
  const recording = join(build, `recording-${options.rate}-${length}.ts`);
  if (!isLive && !existsSync(recording)) {
    execFileSync('ffmpeg', ['-y', '-loglevel', 'error', ...picture, '-t', String(length), ...codec, recording]);
  }
  return recording;
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function command(relay, port, data) {
  switch (relay) {
    case 'floor': return [[join(build, 'floor'), port], {}];
    case 'node': return [['node', '--expose-gc', join(here, 'node/relay.js'), port], {}];
    default: return [[join(build, 'server/RelayBenchmark')], { Ports__Video: port, Storage__Directory: data, VideoRelay__ViewerStallTimeout: '01:00:00' }];
  }
}

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

const residentBytes = (pid) => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
const kernelBytes = () => Number(/^TCP:.* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))[1]) * 4096;

async function collect(relay, port) {
  if (relay !== 'floor') {
    await (await fetch(`http://127.0.0.1:${port}/gc`)).text();
  }
}

async function run(relay, viewers, stalled, recording) {
  const port = String(await freePort());
  const data = mkdtempSync(join(tmpdir(), 'relay-benchmark-'));
  const [arguments_, environment] = command(relay, port, data);
  const server = spawn('taskset', ['-c', serverCore, ...arguments_], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] });
  let encoder;
  try {
    const first = await new Promise((resolve, reject) => {
      createInterface(server.stdout).once('line', resolve);
      server.once('exit', () => reject(new Error(`${relay} did not start`)));
    });
    const paths = relay === 'liverobot' ? JSON.parse(first) : { ingest: '/bench', viewer: '/bench' };
    await collect(relay, port);
    const memoryBefore = residentBytes(server.pid);
    const kernelBefore = kernelBytes();
    const load = spawn('taskset', ['-c', loadCore, join(build, 'generator'), port, paths.ingest, paths.viewer, String(viewers), String(warmUp[relay]), options.seconds, isLive ? '-' : recording, String(stalled)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface(load.stdout)[Symbol.asyncIterator]();
    await lines.next();
    await collect(relay, port);
    const memory = (residentBytes(server.pid) - memoryBefore) / viewers;
    const kernel = (kernelBytes() - kernelBefore) / viewers;
    if (isLive) {
      encoder = spawn('taskset', ['-c', loadCore, 'ffmpeg', '-nostdin', '-loglevel', 'error', '-re', ...picture, ...codec, `http://127.0.0.1:${port}${paths.ingest}`], { stdio: 'ignore' });
    }
    load.stdin.write('go\n');
    await lines.next();
    const cpuBefore = cpuSeconds(server.pid);
    await lines.next();
    const cpu = cpuSeconds(server.pid) - cpuBefore;
    const result = JSON.parse((await lines.next()).value);
    return { ...result, cpuPerMB: (cpu * 1000) / (result.deliveredBytes / 1e6), memory, kernel, valid: result.generatorCpu <= 0.6 && !result.missed };
  } finally {
    encoder?.kill('SIGKILL');
    server.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const recording = prepare();
const columns = ['viewers', 'stalled', 'relay', 'ms CPU/MB', 'p50 ms', 'p99 ms', 'max ms', 'kB/viewer', 'kernel kB', 'first ms', 'load CPU', 'valid'];
console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => ' --- |').join('')}`);
const rows = options.relays.split(',').flatMap((relay) => options.stalled.split(',').map((stalled) => ({ relay, stalled: Number(stalled) })));
for (const viewers of options.viewers.split(',').map(Number)) {
  const runs = rows.map(() => []);
  for (let round = 0; round < Number(options.runs); round++) {
    for (const [row, { relay, stalled }] of rows.entries()) {
      runs[row].push(await run(relay, viewers, stalled, recording));
    }
  }
  for (const [row, { relay, stalled }] of rows.entries()) {
    const valid = runs[row].filter((result) => result.valid);
    const of = (value, digits = 2) => (valid.length === 0 ? 'void' : median(valid.map(value)) < 0 && isLive ? '' : median(valid.map(value)).toFixed(digits));
    console.log(`| ${[viewers, stalled, relay, of((r) => r.cpuPerMB), of((r) => r.p50), of((r) => r.p99), of((r) => r.max), of((r) => r.memory / 1000, 1), of((r) => r.kernel / 1000, 1),
      of((r) => r.firstPicture, 1), (100 * median(runs[row].map((r) => r.generatorCpu))).toFixed(0) + ' %', `${valid.length}/${runs[row].length}`].join(' | ')} |`);
  }
}
process.exit(0);
