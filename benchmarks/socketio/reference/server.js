// The job that both servers do: 'm' goes on to everybody in the room 'receivers', its arguments as they are.
const http = require("http");
const { Server } = require("socket.io");

const server = http.createServer((request, response) => {
  if (request.url === "/gc") {
    global.gc();
    response.end("0");
  }
});
const io = new Server(server, { pingInterval: 5000, transports: ["websocket"], perMessageDeflate: false, httpCompression: false });
io.on("connection", (socket) => {
  socket.on("join", (answer) => {
    socket.join("receivers");
    answer();
  });
  socket.on("m", (...args) => io.to("receivers").emit("m", ...args));
});
server.listen(Number(process.argv[2]), "127.0.0.1");
