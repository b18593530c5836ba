/* Speaks to the terminal instead of to people: in its title and version, its output, its log and its
 * failure. It asks to wipe the screen, to name the window, to turn text around, and to be red. */
#define ID "paints"
#define ORDERS "\033[2J\033]0;trusted\007\033[31m\302\233m\342\200\256\r"
#define VERSION "1" ORDERS
#define TITLE "Paints" ORDERS
#include "act.h"

static void act(rondom_read_out* out) {
  (void)out;
  static const char text[] = "logged" ORDERS "\377";
  const rondom_str line = {text, sizeof text - 1};
  services->log(services->ctx, RONDOM_LOG_WARNING, line, NULL, 0);
  printf("printed" ORDERS "\377\n");
  fflush(stdout);
  did("paint" ORDERS "\377");
}
