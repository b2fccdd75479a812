// People at robots, with the library and the settings of the site: each taps a key of its robot every 100 ms, and the
// first says a line every 200 ms. It prints "driven HANDLE" and "said NUMBER" when the server has acknowledged, and
// "refused ..." when it has not. Usage: node viewers.js CONTROL-URL CHAT-URL HANDLE...
const { io } = require("socket.io-client-4");

const tapMs = 100;
const lineMs = 200;
const answerMs = 5000;
const [controlUrl, chatUrl, ...handles] = process.argv.slice(2);
const say = (...words) => process.stdout.write(words.join(" ") + "\n");
const open = (url) =>
  io(url, { forceNew: true, transports: ["websocket", "polling"], tryAllTransports: true, reconnectionDelay: 500, reconnectionDelayMax: 5000 });

function choose(socket, handle) {
  socket.on("connect", () => socket.emit("select_robot", { robot_id: handle }));
}

// What is said without a connection would be kept, and come late.
function ask(socket, event, argument, done) {
  if (!socket.connected) return;
  socket.timeout(answerMs).emit(event, argument, (late, answer) => {
    if (late) return;
    if (answer.ok) done();
    else say("refused", event, JSON.stringify(answer));
  });
}

for (const handle of handles) {
  const control = open(controlUrl);
  choose(control, handle);
  const press = (key_position) =>
    ask(control, "command_to_robot", { robot_id: handle, command: "F", key_position, t: performance.now() }, () => say("driven", handle));
  setInterval(() => {
    press("down");
    setTimeout(press, tapMs / 2, "up");
  }, tapMs);
}

const chat = open(chatUrl);
choose(chat, handles[0]);
let line = 0;
setInterval(() => {
  const number = ++line;
  ask(chat, "chat_message", { robot_id: handles[0], message: `line ${number}` }, () => say("said", number));
}, lineMs);
