// A socket.io-client of the generation given, driven by JSON lines: commands on standard input, what happens on
// standard output. Usage: node socketio.js 1|2|4 http://host:port[/namespace] transport[,transport] [auth-json]
const readline = require("readline");

const [generation, url, transports, auth] = process.argv.slice(2);
const io = require(`socket.io-client-${generation}`);
const say = (what, ...args) => process.stdout.write(JSON.stringify({ what, args: args.map(readable) }) + "\n");

const socket = io(url, {
  transports: transports.split(","),
  forceNew: true,
  reconnectionDelay: 100,
  reconnectionDelayMax: 200,
  auth: auth ? JSON.parse(auth) : undefined,
});
const engine = () => (socket.io.engine ? socket.io.engine.transport.name : "none");

socket.on("connect", () => say("connect", socket.id, engine(), socket.recovered));
socket.on("disconnect", (reason) => say("disconnect", reason));
socket.on("connect_error", (error) => say("connect_error", String(error.message || error)));
socket.on("error", (error) => say("error", String(error.message || error)));
for (const name of ["hello", "echo", "news"]) {
  socket.on(name, (...args) => say(name, ...args));
}
socket.on("question", (question, answer) => {
  say("question", question);
  answer("answer", question);
});

// Bytes are shown as an object that JSON can hold.
function readable(value) {
  if (value instanceof ArrayBuffer) value = Buffer.from(value);
  if (Buffer.isBuffer(value)) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(readable);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, readable(v)]));
  return value;
}

// And the other way around.
function revive(value) {
  if (Array.isArray(value)) return value.map(revive);
  if (value && Array.isArray(value.bytes)) return Buffer.from(value.bytes);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, revive(v)]));
  return value;
}

const commands = {
  emit: ({ name, args }) => socket.emit(name, ...revive(args)),
  ask: ({ name, args }) => socket.emit(name, ...revive(args), (...answer) => say("ack", ...answer)),
  transport: () => say("transport", engine()),
  disconnect: () => socket.disconnect(),
  connect: () => socket.connect(),
  exit: () => process.exit(0),
};
readline
  .createInterface({ input: process.stdin })
  .on("line", (line) => {
    const command = JSON.parse(line);
    commands[command.do](command);
  })
  .on("close", () => process.exit(0));
