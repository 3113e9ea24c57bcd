/* A small real server on loopback for the tests of this room: a thread that accepts, and one a
 * guest. */
#ifndef CADENCE_TESTS_NET_SERVER_H
#define CADENCE_TESTS_NET_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GUESTS_MAX 256
#define LINE_SIZE  4096

struct server;
typedef void host(struct server *server, int fd);

struct guest {
	struct server *server;
	int fd;
	pthread_t thread;
};

struct server {
	int fd;
	int port;
	host *host;
	pthread_t thread;
	struct guest guests[GUESTS_MAX];
	atomic_int guest_count;
	atomic_int messages;
	pthread_mutex_t mutex;
	char last[1 << 16]; /* the last message, or request; under the mutex */
};

static void *guest_run(void *arg)
{
	struct guest *guest = arg;

	guest->server->host(guest->server, guest->fd);
	shutdown(guest->fd, SHUT_RDWR);
	return NULL;
}

static void *server_run(void *arg)
{
	struct server *server = arg;
	int fd;

	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		struct guest *guest = &server->guests[server->guest_count];

		guest->server = server;
		guest->fd = fd;
		server->guest_count++;
		if (pthread_create(&guest->thread, NULL, guest_run, guest) != 0)
			abort();
	}
	return NULL;
}

static struct server *server_start(host *run)
{
	struct server *server = calloc(1, sizeof(*server));
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	pthread_mutex_init(&server->mutex, NULL);
	server->host = run;
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(server->fd, 128) != 0 ||
	    getsockname(server->fd, (struct sockaddr *)&address, &len) != 0 ||
	    pthread_create(&server->thread, NULL, server_run, server) != 0)
		abort();
	server->port = ntohs(address.sin_port);
	return server;
}

static void server_stop(struct server *server)
{
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	for (int i = 0; i < server->guest_count; i++) {
		shutdown(server->guests[i].fd, SHUT_RDWR);
		pthread_join(server->guests[i].thread, NULL);
		close(server->guests[i].fd);
	}
	close(server->fd);
	pthread_mutex_destroy(&server->mutex);
	free(server);
}

/* Remembers a message and counts it. */
static void server_keep(struct server *server, const char *message)
{
	pthread_mutex_lock(&server->mutex);
	snprintf(server->last, sizeof(server->last), "%s", message);
	pthread_mutex_unlock(&server->mutex);
	server->messages++;
}

static void say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* One line with its line feed taken off; 0 at the end of the connection. */
static int hear(int fd, char line[LINE_SIZE])
{
	size_t len = 0;

	while (len < LINE_SIZE - 1 && recv(fd, line + len, 1, 0) == 1)
		if (line[len++] == '\n') {
			len -= len > 1 && line[len - 2] == '\r' ? 2 : 1;
			line[len] = '\0';
			return 1;
		}
	return 0;
}

#endif
