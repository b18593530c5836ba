// api: what both connectors say to Mautic's REST API. One thread at a time.
//
// Source: developer documentation of Mautic, REST API (contacts, segments, fields, stats).
#pragma once

#include <cstdint>
#include <map>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rondom::mautic {

/// Entries of one batch request (api_batch_max_limit).
inline constexpr std::size_t batch_max = 200;
/// E-mail addresses or ids in one look-up: they travel in the address of the request.
inline constexpr std::size_t look_up_max = 40;
inline constexpr std::size_t page_size = 200;

/// Everything in the member `name`, which Mautic gives as a list or as an object by id; none is []
/// or {}. Code::data when the reply has no such member: that says nothing about what there is.
Result<std::vector<const Json*>> entries_of(const Json& reply, std::string_view name);
/// Text of a text or integer member, else empty.
std::string text_of(const Json& object, std::string_view name);
std::string lower(std::string_view text);

class Api {
 public:
  explicit Api(Context& context) : context_(&context) {}

  /// Any status that is not 2xx is a Failure.
  Result<Json> get(const HttpRequest& request);
  Result<HttpReply> send(const HttpRequest& request) { return context_->http(request); }

  /// The contacts whose `column` is one of `values`, in requests of a bounded size.
  Result<std::vector<Json>> find(std::string_view column, const std::vector<std::string>& values);
  /// Id of the segment with this alias.
  Result<std::string> segment_id(std::string_view alias);
  /// Aliases of all contact fields.
  Result<std::vector<std::string>> field_aliases();

 private:
  /// Every entry of a list.
  Result<std::vector<Json>> all(std::string_view path, std::string_view name);

  Context* context_;
};

}  // namespace rondom::mautic
