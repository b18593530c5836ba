/* Calls out by itself: the port of its target, on loopback only; one byte. */
#define ID "opens-socket"
#include "act.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static void act(rondom_read_out* out) {
  (void)out;
  const int line = socket(AF_INET, SOCK_STREAM, 0);
  if (line < 0) return;
  did("socket");
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)atoi(target)),
                           .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (connect(line, (struct sockaddr*)&to, sizeof to) == 0 && write(line, "!", 1) == 1) did("sent");
  close(line);
}
