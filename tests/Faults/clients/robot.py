"""A robot on Debian's python3-socketio, with the library's own way of coming back. It prints "command F down".

Usage: robot.py http://host:port robot-id
"""
import sys

import socketio

url, robot_id = sys.argv[1:3]
client = socketio.Client()
client.on('connect', lambda: client.emit('robot_id', robot_id))


@client.on('command_to_robot')
def obey(message):
    sys.stdout.write('command %s %s\n' % (message['command'], message['key_position']))
    sys.stdout.flush()


client.connect(url)
client.wait()
