// A robot on npm's socket.io-client of the generation given, with the library's own way of coming back. It prints
// "command F down". Usage: node robot.js 1|2|4 http://host:port robot-id
const [generation, url, robotId] = process.argv.slice(2);
const io = require(`socket.io-client-${generation}`);
const say = (...words) => process.stdout.write(words.join(" ") + "\n");

const socket = io(url);
socket.on("connect", () => socket.emit("robot_id", robotId));
socket.on("command_to_robot", ({ command, key_position }) => say("command", command, key_position));
