// The floor: a relay that does nothing but read and send. One chunk of the encoder is one message to each viewer, in
// the order in which they came. It understands only the generator, checks nothing, and drops whoever blocks.
//
//   floor PORT
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int viewers[65536], viewer_count;
static uint8_t input[8 << 20];
static size_t held;

static void send_all(uint8_t *payload, size_t length) {
    uint8_t header[10] = { 0x82 };
    size_t size = 2;
    if (length < 126) header[1] = length;
    else if (length < 65536) { header[1] = 126; header[2] = length >> 8; header[3] = length; size = 4; }
    else { header[1] = 127; for (int i = 0; i < 8; i++) header[2 + i] = length >> (56 - 8 * i); size = 10; }

    // The header goes over bytes that are no longer needed: there are always more in front of a chunk.
    uint8_t saved[10];
    uint8_t *message = payload - size;
    memcpy(saved, message, size);
    memcpy(message, header, size);
    for (int i = 0; i < viewer_count; i++) {
        if (viewers[i] >= 0 && send(viewers[i], message, size + length, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)(size + length)) {
            close(viewers[i]);
            viewers[i] = -1;
        }
    }
    memcpy(message, saved, size);
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    struct rlimit files = { 65536, 65536 };
    setrlimit(RLIMIT_NOFILE, &files);
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, encoder = -1;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) { perror("listen"); return 1; }
    int epoll = epoll_create1(0);
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    printf("ready\n");
    fflush(stdout);
    const size_t room = 16;
    for (;;) {
        if (epoll_wait(epoll, &event, 1, -1) < 1) continue;
        if (event.data.fd == listener) {
            int fd = accept(listener, NULL, NULL);
            char head[2048];
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            ssize_t length = recv(fd, head, sizeof head - 1, 0);
            if (length > 0 && head[0] == 'G') {
                const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
                if (send(fd, answer, sizeof answer - 1, 0) > 0) viewers[viewer_count++] = fd;
            } else if (length > 0) {
                head[length] = 0;
                char *body = strstr(head, "\r\n\r\n") + 4;
                held = head + length - body;
                memcpy(input + room, body, held);
                encoder = fd;
                event = (struct epoll_event){ .events = EPOLLIN, .data.fd = fd };
                epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
            }
            continue;
        }
        ssize_t count = recv(encoder, input + room + held, sizeof input - room - held, MSG_DONTWAIT);
        if (count <= 0) {
            epoll_ctl(epoll, EPOLL_CTL_DEL, encoder, NULL);
            continue;
        }
        held += count;
        size_t at = 0;
        for (;;) {
            uint8_t *chunk = input + room + at;
            uint8_t *line = memmem(chunk, held - at, "\r\n", 2);
            if (!line) break;
            size_t length = strtoul((char *)chunk, NULL, 16), whole = line - chunk + 2 + length + 2;
            if (held - at < whole) break;
            send_all(line + 2, length);
            at += whole;
        }
        memmove(input + room, input + room + at, held - at);
        held -= at;
    }
}
