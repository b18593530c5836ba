#include "net/exchange.h"

#include "base/text.h"

namespace rondom::net {

std::string_view header_value(std::span<const Header> headers, std::string_view name) {
  for (const Header& header : headers) {
    if (header.name.size() == name.size() && starts_with_ignoring_case(header.name, name)) {
      return header.value;
    }
  }
  return {};
}

}  // namespace rondom::net
