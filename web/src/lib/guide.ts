/** What a robot is configured with: finished commands and files for the clients that the guide knows. */

import { send, record, text } from './api';

export const clients = ['liverobot', 'letsrobot', 'ffmpeg'] as const;
export type Client = (typeof clients)[number];

/** Where the services are that a robot connects to. */
export interface Services {
  control: string;
  chat: string;
  status: string;
  video: string;
  audio: string;
}

/** Everything that stands in a configuration. */
export interface GuideFacts {
  owner: string;
  robotId: string;
  cameraId: number;
  streamKey: string;
  /** Size of the picture in pixels. */
  xres: number;
  yres: number;
  /** The site's own address, such as `http://robots.example.org:8080`. */
  origin: string;
  services: Services;
}

/** The port of the API over TLS where the page itself came without. */
const tlsPort = 8443;

/** Asks the look-ups that robots ask, too. */
export async function getServices(handle: string, cameraId: number): Promise<Services> {
  const robot = encodeURIComponent(handle);
  const [control, chat, status, video, audio, relay] = await Promise.all(
    [`get_control_host_port/${robot}`, `get_chat_host_port/${robot}`, `get_status_host_port/${robot}`, `get_video_port/${cameraId}`, `get_audio_port/${cameraId}`, `get_websocket_relay_host/${cameraId}`].map(
      async (path) => record(await send('GET', path)),
    ),
  );
  const at = (answer: Record<string, unknown> | undefined, port: unknown) => `http://${text(answer?.['host'])}:${Number(port)}`;
  return {
    control: at(control, control?.['port']),
    chat: at(chat, chat?.['port']),
    status: at(status, status?.['port']),
    video: at(relay, video?.['mpeg_stream_port']),
    audio: at(relay, audio?.['audio_stream_port']),
  };
}

export const pairCommand = (code: string, origin: string) => `dotnet run --project src/RobotClient -- pair ${code} --server ${origin}`;
export const startCommand = 'dotnet run --project src/RobotClient -- --video-input-format v4l2 --video-device /dev/video0';

/** The line that sends the names that are built into the LetsRobot client to this server. */
export function hostsCommand(origin: string): string {
  const { hostname } = new URL(origin);
  return `echo "$(getent hosts ${hostname} | cut -d' ' -f1) letsrobot.tv api.letsrobot.tv" | sudo tee -a /etc/hosts`;
}

export const certificateCommands = `sudo cp ca.pem /usr/local/share/ca-certificates/liverobot.crt && sudo update-ca-certificates
export REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt`;

/** `letsrobot.conf`, as far as it is this robot's. */
export function letsRobotFile(facts: GuideFacts): string {
  const { protocol, port } = new URL(facts.origin);
  const tls = protocol === 'https:' ? Number(port || 443) : tlsPort;
  return `[robot]
owner=${facts.owner}
robot_id=${facts.robotId}
camera_id=${facts.cameraId}
stream_key=${facts.streamKey}

[misc]
info_server=letsrobot.tv:${tls}
api_server=api.letsrobot.tv:${tls}
`;
}

/** ffmpeg with a camera, as the relay wants its stream. */
export function videoCommand(facts: GuideFacts): string {
  return `ffmpeg -f v4l2 -framerate 25 -video_size ${facts.xres}x${facts.yres} -i /dev/video0 -an \\
  -f mpegts -codec:v mpeg1video -b:v 800k -bf 0 -g 25 -muxdelay 0.001 \\
  ${facts.services.video}/${facts.streamKey}/${facts.xres}/${facts.yres}/`;
}

export function audioCommand(facts: GuideFacts): string {
  return `ffmpeg -f alsa -i default -vn -f mpegts -codec:a mp2 -b:a 64k -ar 44100 -ac 1 -muxdelay 0.001 \\
  ${facts.services.audio}/${facts.streamKey}/${facts.xres}/${facts.yres}/`;
}

/** A robot in Python: it says who it is at the three sockets, and prints what it is told. */
export function script(facts: GuideFacts): string {
  return `# pip install "python-socketio[client]"
import socketio, time

ROBOT_ID, CAMERA_ID = "${facts.robotId}", ${facts.cameraId}

def connect(url):
    socket = socketio.Client()
    socket.on("connect", lambda: socket.emit("robot_id", ROBOT_ID))
    socket.connect(url)
    return socket

control = connect("${facts.services.control}")
chat = connect("${facts.services.chat}")
status = connect("${facts.services.status}")

@control.on("command_to_robot")
def move(message):
    print(message["command"], message["key_position"])  # F, B, L, R ... and "stop": your motors

@chat.on("chat_message_with_name")
def hear(message):
    print(message["name"], message["message"])

while True:
    status.emit("send_video_status", {"send_video_process_exists": True, "camera_id": CAMERA_ID})
    time.sleep(60)
`;
}

/** The text with its secrets covered. */
export function covered(text: string, secrets: readonly string[]): string {
  return secrets.filter(Boolean).reduce((shown, secret) => shown.replaceAll(secret, '••••••••'), text);
}
