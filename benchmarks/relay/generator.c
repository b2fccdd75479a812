// Load for a relay: N viewers, one encoder that replays a recording in real time, and a stopwatch.
//
//   generator PORT INGEST_PATH VIEWER_PATH VIEWERS WARM_UP SECONDS RECORDING [STALLED]
//
// All viewers connect first; the last one is the probe: it joined last, so it is served last. STALLED further viewers
// connect and never read. With "-" for the recording the encoder is somebody else: then only CPU and bytes are measured. Prints "connected" and waits for a line; replays; prints "start" after WARM_UP seconds, "stop"
// after SECONDS more, and one line of JSON about the time between. Single-threaded, to be pinned to a core of its own.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PACKET = 188, VIDEO_PID = 0x100, MAX_FRAMES = 100000 };

struct frame { size_t offset, length; int64_t pts; double sent; };
struct viewer { int fd; uint64_t bytes; };

static struct frame frames[MAX_FRAMES];
static int frame_count;
static uint8_t *recording;
static double latencies[MAX_FRAMES];
static int latency_count;
static double first_sent, first_picture;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

// The PTS of the PES packet that begins in this packet, or -1.
static int64_t pts_of(const uint8_t *packet) {
    if (packet[0] != 0x47 || !(packet[1] & 0x40) || (((packet[1] & 0x1F) << 8) | packet[2]) != VIDEO_PID) return -1;
    const uint8_t *pes = packet + 4 + ((packet[3] & 0x20) ? 1 + packet[4] : 0);
    if (pes + 14 > packet + PACKET || pes[0] || pes[1] || pes[2] != 1 || !(pes[7] & 0x80)) return -1;
    pes += 9;
    return ((int64_t)(pes[0] & 0x0E) << 29) | (pes[1] << 22) | ((pes[2] & 0xFE) << 14) | (pes[3] << 7) | (pes[4] >> 1);
}

// A frame reaches from its first packet to the next frame's; what comes before it (tables) goes with it.
static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(path);
    fseek(file, 0, SEEK_END);
    size_t length = ftell(file) / PACKET * PACKET;
    rewind(file);
    recording = malloc(length);
    if (fread(recording, 1, length, file) != length) fail(path);
    fclose(file);
    size_t start = 0, end_of_video = 0;
    for (size_t at = 0; at < length; at += PACKET) {
        int64_t pts = pts_of(recording + at);
        if (pts >= 0) {
            if (frame_count > 0) frames[frame_count - 1].length = end_of_video - frames[frame_count - 1].offset;
            frames[frame_count++] = (struct frame){ start, 0, pts, 0 };
        }
        if ((((recording[at + 1] & 0x1F) << 8) | recording[at + 2]) == VIDEO_PID) start = end_of_video = at + PACKET;
    }
    if (frame_count > 0) frames[frame_count - 1].length = end_of_video - frames[frame_count - 1].offset;
}

static int dial(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static int watch(int port, const char *path) {
    int fd = dial(port);
    char text[1024];
    int length = snprintf(text, sizeof text,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", path, port);
    if (write(fd, text, length) != length) fail("write");
    length = 0;
    while (length < 4 || memcmp(text + length - 4, "\r\n\r\n", 4)) {
        if (length == sizeof text || read(fd, text + length, 1) != 1) fail("handshake");
        length++;
    }
    if (strncmp(text, "HTTP/1.1 101", 12)) {
        fprintf(stderr, "%.*s", length, text);
        exit(1);
    }
    return fd;
}

// Follows the probe's WebSocket messages; a frame is there with the last byte of the message that holds its PTS.
static void probe(const uint8_t *bytes, size_t length, double time) {
    static uint8_t message[4 << 20];
    static size_t held;
    static int next;
    memcpy(message + held, bytes, length);
    held += length;
    size_t at = 0;
    while (held - at >= 10) {
        size_t header = 2, payload = message[at + 1] & 0x7F;
        if (payload == 126) { header = 4; payload = message[at + 2] << 8 | message[at + 3]; }
        else if (payload == 127) { header = 10; payload = 0; for (int i = 2; i < 10; i++) payload = payload << 8 | message[at + i]; }
        if (held - at < header + payload) break;
        for (size_t offset = 0; offset + PACKET <= payload; offset += PACKET) {
            int64_t pts = pts_of(message + at + header + offset);
            if (pts < 0) continue;
            while (next < frame_count && frames[next].pts != pts) next++;
            if (next < frame_count) {
                if (first_picture == 0) first_picture = time - first_sent;
                latencies[latency_count++] = time - frames[next].sent;
            }
        }
        at += header + payload;
    }
    memmove(message, message + at, held - at);
    held -= at;
}

static int by_value(const void *a, const void *b) {
    double x = *(double *)a, y = *(double *)b;
    return (x > y) - (x < y);
}

static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static uint8_t buffer[1 << 20];

static void receive(int epoll, struct viewer *viewers, int last, int timeout) {
    struct epoll_event events[512];
    int ready = epoll_wait(epoll, events, 512, timeout);
    for (int i = 0; i < ready; i++) {
        struct viewer *viewer = &viewers[events[i].data.u32];
        ssize_t count = recv(viewer->fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno != EAGAIN)) {
            epoll_ctl(epoll, EPOLL_CTL_DEL, viewer->fd, NULL);
        } else if (count > 0) {
            viewer->bytes += count;
            if ((int)events[i].data.u32 == last) probe(buffer, count, now());
        }
    }
}

static uint64_t total(const struct viewer *viewers, int count) {
    uint64_t bytes = 0;
    for (int i = 0; i < count; i++) bytes += viewers[i].bytes;
    return bytes;
}

int main(int argc, char **argv) {
    if (argc < 8) return 2;
    int port = atoi(argv[1]), count = atoi(argv[4]), stalled = argc > 8 ? atoi(argv[8]) : 0;
    double warm_up = atof(argv[5]), seconds = atof(argv[6]);
    int live = !strcmp(argv[7], "-");
    if (!live) load(argv[7]);
    struct rlimit files = { 65536, 65536 };
    setrlimit(RLIMIT_NOFILE, &files);
    struct viewer *viewers = calloc(count, sizeof *viewers);
    int epoll = epoll_create1(0);
    for (int i = 0; i < stalled; i++) {
        int fd = watch(port, argv[3]), small = 8192;
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    }
    for (int i = 0; i < count; i++) {
        viewers[i].fd = watch(port, argv[3]);
        struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };
        epoll_ctl(epoll, EPOLL_CTL_ADD, viewers[i].fd, &event);
    }

    // The relay may collect its garbage and be measured now.
    printf("connected\n");
    fflush(stdout);
    if (!fgets((char *)buffer, sizeof buffer, stdin)) return 1;

    int encoder = -1, length;
    char text[512];
    if (!live) {
        encoder = dial(port);
        length = snprintf(text, sizeof text, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nTransfer-Encoding: chunked\r\n\r\n", argv[2], port);
        if (write(encoder, text, length) != length) fail("write");
    }

    double start = now(), cpu_before = 0, measured_from = 0;
    uint64_t sent = 0, delivered_before = 0;
    int next = 0, first = 0;
    while (live || next < frame_count) {
        double time = now(), due = live ? time : start + (frames[next].pts - frames[0].pts) / 90000.0;
        if (due - start >= warm_up + seconds) break;
        if (!measured_from && due - start >= warm_up) {
            measured_from = time;
            delivered_before = total(viewers, count);
            cpu_before = cpu();
            first = next;
            latency_count = 0;
            printf("start\n");
            fflush(stdout);
        }
        if (live) {
            receive(epoll, viewers, count - 1, 10);
            continue;
        }
        if (due > time) {
            int wait = (int)((due - time) * 1000);
            receive(epoll, viewers, count - 1, wait > 0 ? wait : 0);
            continue;
        }
        // As ffmpeg does: one chunk for each frame.
        length = snprintf(text, sizeof text, "%zx\r\n", frames[next].length);
        struct iovec { void *base; size_t length; } parts[] = { { text, length }, { recording + frames[next].offset, frames[next].length }, { "\r\n", 2 } };
        struct msghdr message = { .msg_iov = (void *)parts, .msg_iovlen = 3 };
        size_t wanted = length + frames[next].length + 2;
        if (sendmsg(encoder, &message, 0) != (ssize_t)wanted) fail("send");
        frames[next].sent = now();
        if (next == 0) first_sent = frames[0].sent;
        sent += frames[next].length;
        next++;
    }
    double elapsed = now() - measured_from, used = cpu() - cpu_before;
    uint64_t delivered = total(viewers, count) - delivered_before;
    printf("stop\n");
    fflush(stdout);
    for (double end = now() + 1; now() < end;) receive(epoll, viewers, count - 1, 50);

    // Of a live encoder, what one viewer has seen all others must have seen; it goes on, so a frame may be on its way.
    uint64_t least = UINT64_MAX, most = 0;
    for (int i = 0; i < count; i++) {
        if (viewers[i].bytes < least) least = viewers[i].bytes;
        if (viewers[i].bytes > most) most = viewers[i].bytes;
    }
    if (live) sent = most > 100000 ? most - 100000 : 1;
    qsort(latencies, latency_count, sizeof *latencies, by_value);
    printf("{\"frames\":%d,\"received\":%d,\"sentBytes\":%lu,\"deliveredBytes\":%lu,\"missed\":%d,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"firstPicture\":%.3f,\"generatorCpu\":%.3f}\n",
        next - first, latency_count, sent, delivered, least < sent, latency_count ? latencies[latency_count / 2] * 1000 : -1,
        latency_count ? latencies[latency_count * 99 / 100] * 1000 : -1, latency_count ? latencies[latency_count - 1] * 1000 : -1,
        live ? -1 : first_picture * 1000, used / elapsed);
    fflush(stdout);
    return 0;
}
