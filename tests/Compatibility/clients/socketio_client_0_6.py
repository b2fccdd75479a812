"""Debian's socketIO_client 0.6.5 as robots of the LetsRobot era use it, driven by JSON lines.

Usage: socketio_client_0_6.py host port transport[,transport]
As in those robots, handlers are registered after the constructor has returned.
"""
import json
import sys
import threading

import websocket

# The library catches an exception that its own dependency no longer has, and then spins; with the name put back it
# behaves as it did in the field.
if not hasattr(websocket, 'SSLError'):
    class SSLError(Exception):
        pass
    websocket.SSLError = SSLError

from socketIO_client import SocketIO  # noqa: E402


saying = threading.Lock()


def say(what, *args):
    with saying:
        sys.stdout.write(json.dumps({'what': what, 'args': args}) + '\n')
        sys.stdout.flush()


host, port, transports = sys.argv[1:4]
client = SocketIO(host, int(port), transports=transports.split(','))


def question(value, answer):
    say('question', value)
    answer('answer', value)


def on_connect():
    say('connect', client._engineIO_session.id, client.transport_name.replace('xhr-', ''))


client.on('connect', on_connect)
client.on('reconnect', on_connect)
client.on('disconnect', lambda *args: say('disconnect'))
for name in 'hello', 'echo', 'news':
    client.on(name, lambda *args, name=name: say(name, *args))
client.on('question', question)


def listen():
    while True:
        client.wait(seconds=1)


threading.Thread(target=listen, daemon=True).start()
for line in sys.stdin:
    command = json.loads(line)
    if command['do'] == 'emit':
        client.emit(command['name'], *command['args'])
    elif command['do'] == 'ask':
        client.emit(command['name'], *command['args'], callback=lambda *args: say('ack', *args))
    elif command['do'] == 'transport':
        say('transport', client.transport_name.replace('xhr-', ''))
    elif command['do'] == 'disconnect':
        client.disconnect()
