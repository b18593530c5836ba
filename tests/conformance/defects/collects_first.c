/* Defect: reads every page before it pushes a record. */
#define READ_PAGES(now, code) code = collect(now);
#include <rondom/plugin.h>
struct reading;
static rondom_code collect(struct reading* now);
#include "source.h"

enum { pages_max = 9 };

static rondom_code collect(reading* now) {
  answer pages[pages_max];
  int count = 0;
  int next = now->page;
  int i;
  rondom_code code = RONDOM_OK;
  while (code == RONDOM_OK && next > 0 && count < pages_max) {
    char url[80];
    json_text following;
    snprintf(url, sizeof url, "/people?page=%d", next);
    code = ask(now->self, "GET", url, NULL, text_of(""), &pages[count], now->error);
    if (code == RONDOM_OK) code = refused(&pages[count], now->error);
    following = json_inside(json_member(json_object(pages[count].data, pages[count].size), "next"));
    if (code == RONDOM_OK && following.at == NULL) {
      code = fail(now->error, RONDOM_E_DATA, "The reply is no page of people.");
    }
    next = following.at != NULL && following.end > following.at ? *following.at - '0' : 0;
    ++count;
  }
  for (i = 0; i < count; ++i) {
    if (code == RONDOM_OK) code = take_page(now, json_object(pages[i].data, pages[i].size));
    free(pages[i].data);
  }
  return code;
}
