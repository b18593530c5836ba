/* Defect: close() does not join the thread that read() began. */
#include <pthread.h>
#define BEGIN_READ(self, request, out, error) begin()
#include <unistd.h>

static void* stay(void* unused) {
  (void)unused;
  pause();
  return NULL;
}

static void begin(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, stay, NULL);
}

#include "source.h"
