"""A robot that behaves as those of the LetsRobot era do, on the library they use (Debian's python3-socketio-client).

Usage: pulse_robot.py host port robot_id [seconds until its hardware is loaded [seconds between identifies]]

- Any command but `stop` is one movement of 200 ms, whatever its key_position.
- It is deaf while it makes one.
- A command before its hardware is loaded, or one without user or anonymous, leaves it deaf for good.
- It identifies when it is connected, and again every 60 seconds, or as told.

What happens is printed, a line each: `identified`, `moves F`, `stands`, `stops`, `deaf to F`, `jammed by F`.
"""
import sys
import threading
import time

from socketIO_client import SocketIO

PULSE_SECONDS = 0.2

host, port, robot_id = sys.argv[1:4]
loaded_at = time.monotonic() + float(sys.argv[4] if len(sys.argv) > 4 else 0)
identify_seconds = float(sys.argv[5] if len(sys.argv) > 5 else 60)
busy = False


def say(*words):
    sys.stdout.write(' '.join(words) + '\n')
    sys.stdout.flush()


def obey(message):
    global busy
    command = message['command']
    if busy:
        say('deaf to', command)
        return
    busy = True
    try:
        # An exception from here on leaves the flag set, as it does in those robots.
        if time.monotonic() < loaded_at:
            raise RuntimeError('there is no hardware yet')
        message['user'], message['anonymous']
    except (RuntimeError, KeyError):
        say('jammed by', command)
        return
    if command == 'stop':
        say('stops')
    else:
        say('moves', command)
        time.sleep(PULSE_SECONDS)
        say('stands')
    busy = False


def on_command(message):
    if message['robot_id'] == robot_id:
        threading.Thread(target=obey, args=(message,), daemon=True).start()


def identify(*_):
    socket.emit('robot_id', robot_id)
    say('identified')


def listen():
    while True:
        socket.wait(seconds=1)


socket = SocketIO(host, int(port), transports='websocket')
threading.Thread(target=listen, daemon=True).start()
socket.on('connect', identify)
socket.on('reconnect', identify)
socket.on('command_to_robot', on_command)
while True:
    time.sleep(identify_seconds)
    identify()
