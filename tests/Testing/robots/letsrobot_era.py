"""A robot as they were in the days of LetsRobot.tv, on the library that they use (socketIO_client, Engine.IO 3).

It does what the original Python client does on the wire, in its order: look-ups that block and retry for ever, three
sockets whose handlers are registered only after each is up, identifies on every connect and reconnect, video status
at once and every 90 seconds, identifies again every 60 (LETSROBOT_ERA_HURRY: so many times as often). What it receives
goes to standard output, a JSON line each.

    letsrobot_era.py INFO_URL ROBOT_ID CAMERA_ID STATUS_PORT

With an https INFO_URL all its sockets use TLS too; the certificate must be trusted by the system.
"""

import _thread
import json
import os
import sys
import time
import urllib.request

from socketIO_client import LoggingNamespace, SocketIO

info_url, robot_id, camera_id, status_port = sys.argv[1:5]
camera_id = int(camera_id)
scheme = info_url.split(":")[0]

control_socket = chat_socket = app_server_socket = None
reporting = _thread.allocate_lock()


def report(event, **values):
    # In one piece: each socket has a thread of its own.
    with reporting:
        sys.stdout.write(json.dumps(dict(event=event, **values)) + "\n")
        sys.stdout.flush()


def get_with_retry(path):
    while True:
        try:
            return json.loads(urllib.request.urlopen(info_url + path).read().decode("utf-8"))
        except Exception as problem:
            report("retry", path=path.split("/")[1], problem=type(problem).__name__)
            time.sleep(2)


def open_socket(host, port):
    # Without a scheme the library means plain HTTP, and that is how the original calls it.
    return SocketIO("https://" + host if scheme == "https" else host, port, LoggingNamespace, transports="websocket")


def read_for_ever(socket):
    def loop():
        while True:
            try:
                socket.wait(seconds=1)
            except Exception as problem:
                report("reader", problem=type(problem).__name__)
                time.sleep(1)

    _thread.start_new_thread(loop, ())


def identify():
    if control_socket is not None:
        control_socket.emit("robot_id", robot_id)
    if chat_socket is not None:
        chat_socket.emit("identify_robot_id", robot_id)
    if app_server_socket is not None:
        app_server_socket.emit("identify_robot_id", robot_id)


def on_command(*arguments):
    command = arguments[0]
    # What the original does without asking: a missing key jams it for good.
    report("command", robot_id=command["robot_id"], command=command["command"], user=command["user"],
           key_position=command["key_position"], anonymous=command["anonymous"])


def on_chat(*arguments):
    message = arguments[0]
    spoken = "".join(message["message"].split("]")[1:])
    report("chat", name=message["name"], spoken=spoken, robot_id=message["robot_id"], id=message["_id"])


def on_settings_changed(*arguments):
    report("settings_changed")


def on_connection_event(socket_name, event):
    def handler(*arguments):
        report(event, socket=socket_name)
        if event != "disconnect":
            identify()
        elif socket_name == "control":
            port = get_with_retry("/get_control_host_port/%s?version=2" % robot_id)["port"]
            if port != control["port"]:
                report("quit", reason="port changed")
                _thread.interrupt_main()

    return handler


def register(socket, socket_name):
    for event in ("connect", "reconnect", "disconnect"):
        socket.on(event, on_connection_event(socket_name, event))


control = get_with_retry("/get_control_host_port/%s?version=2" % robot_id)
chat = get_with_retry("/get_chat_host_port/%s" % robot_id)
video_port = get_with_retry("/get_video_port/%d" % camera_id)["mpeg_stream_port"]
audio_port = get_with_retry("/get_audio_port/%d" % camera_id)["audio_stream_port"]

control_socket = open_socket(control["host"], control["port"])
read_for_ever(control_socket)
register(control_socket, "control")
control_socket.on("command_to_robot", on_command)

chat_socket = open_socket(chat["host"], chat["port"])
read_for_ever(chat_socket)
register(chat_socket, "chat")
chat_socket.on("chat_message_with_name", on_chat)

app_server_socket = open_socket(control["host"], int(status_port))
read_for_ever(app_server_socket)
register(app_server_socket, "app")
app_server_socket.on("robot_settings_changed", on_settings_changed)

relay_host = get_with_retry("/get_websocket_relay_host/%d" % camera_id)["host"]
settings = get_with_retry("/api/v1/robots/%s" % robot_id)
moderators = get_with_retry("/api/v1/accounts/%s" % get_with_retry("/get_robot_owner/%s" % robot_id)["owner"])["moderators"]
report("ready",
       video="%s://%s:%d/KEY/%d/%d/" % (scheme, relay_host, video_port, settings["xres"], settings["yres"]),
       audio="%s://%s:%d/KEY/640/480/" % (scheme, relay_host, audio_port),
       microphone=settings["mic_enabled"], moderators=moderators)

hurry = int(os.environ.get("LETSROBOT_ERA_HURRY", "1"))
waited = 0
while True:
    if waited % (90 // hurry) == 0:
        app_server_socket.emit("send_video_status", {"send_video_process_exists": True, "camera_id": camera_id})
    if waited % (60 // hurry) == 0 and waited > 0:
        identify()
        app_server_socket.emit("ip_information", {"ip": "192.0.2.7 \n", "robot_id": robot_id})
    time.sleep(1)
    waited += 1
