/* Defect: records depend on how often it was asked. */
#define RECORD_TEXT(item) numbered(item)
#include "json.h"
static json_text numbered(json_text item);
#include "source.h"

static json_text numbered(json_text item) {
  static char text[512];
  static int count = 0;
  json_text out;
  out.at = text;
  out.end = text + snprintf(text, sizeof text, "%.*s,\"read\":%d}", (int)(item.end - item.at - 1), item.at, ++count);
  return out;
}
