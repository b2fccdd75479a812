// What the existing viewer app does, with socket.io-client 2.5 in its place: polling first, b64=1, no EIO in any query,
// the session's cookie on the polling requests alone, and the app's own requests and events. Driven by JSON lines, as
// socketio.js is. Usage: node viewer_app.js http://host:port
const readline = require("readline");
const io = require("socket.io-client-2");
const engine = require(require.resolve("engine.io-client", { paths: [require.resolve("socket.io-client-2")] }));

const [site] = process.argv.slice(2);
const say = (what, ...args) => process.stdout.write(JSON.stringify({ what, args }) + "\n");
let cookie = "";
let socket;

// The app's library names no protocol version.
const createTransport = engine.Socket.prototype.createTransport;
engine.Socket.prototype.createTransport = function (name) {
  const transport = createTransport.call(this, name);
  delete transport.query.EIO;
  return transport;
};

const HEARD = [
  "robot_statuses", "num_viewers", "channel_users_list", "chat_message_with_name", "new_snapshot",
  "robot_command_has_hit_webserver", "aggregate_color_change", "pip", "registered_user_active",
  "subscription_state_change", "charge_state", "exclusive_control_status", "message_removed", "user_blocked", "user_timeout",
];

async function request(path, form) {
  const answer = await fetch(site + path, {
    method: form ? "POST" : "GET",
    headers: cookie ? { Cookie: cookie } : {},
    body: form && new URLSearchParams(form),
  });
  const set = answer.headers.getSetCookie().find((text) => text.startsWith("connect.sid="));
  cookie = set ? set.split(";")[0] : cookie;
  const text = await answer.text();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Not everything that the app asks for is JSON.
  }
  say("answer", answer.status, answer.headers.get("content-type"), json ?? text);
}

function connect(port) {
  socket = io(`http://${new URL(site).hostname}:${port}`, {
    forceNew: true,
    forceBase64: true,
    timestampRequests: false,
    transportOptions: { polling: { extraHeaders: cookie ? { Cookie: cookie } : {} } },
  });
  socket.on("connect", () => say("connect"));
  socket.on("disconnect", (reason) => say("disconnect", reason));
  socket.io.engine.on("upgrade", () => say("upgrade"));
  for (const name of HEARD) {
    socket.on(name, (...args) => say(name, ...args));
  }
}

const commands = {
  get: ({ path }) => request(path),
  post: ({ path, form }) => request(path, form),
  connect: ({ port }) => connect(port),
  emit: ({ name, args }) => socket.emit(name, ...args),
};
readline
  .createInterface({ input: process.stdin })
  .on("line", (line) => {
    const command = JSON.parse(line);
    commands[command.do](command);
  })
  .on("close", () => process.exit(0));
