#include "base/result.h"

namespace rondom {

int exit_code_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage: return 2;
    case ErrorCode::guarded: return 5;
    case ErrorCode::unavailable: return 69;
    case ErrorCode::transient:
    case ErrorCode::rate_limited:
    case ErrorCode::busy: return 75;
    case ErrorCode::auth:
    case ErrorCode::not_permitted: return 77;
    case ErrorCode::bad_config: return 78;
    default: return 1;
  }
}

const char* to_text(ErrorCode code) {
  switch (code) {
    case ErrorCode::failure: return "failure";
    case ErrorCode::usage: return "usage";
    case ErrorCode::bad_config: return "bad_config";
    case ErrorCode::auth: return "auth";
    case ErrorCode::transient: return "transient";
    case ErrorCode::rate_limited: return "rate_limited";
    case ErrorCode::data: return "data";
    case ErrorCode::bad_state: return "bad_state";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::internal: return "internal";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::busy: return "busy";
    case ErrorCode::not_permitted: return "not_permitted";
    case ErrorCode::guarded: return "guarded";
  }
  return "failure";
}

}  // namespace rondom
