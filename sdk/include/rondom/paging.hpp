// Pager: follows the pages of a list, whatever the system uses to say where the next one begins.
//
//   Pager pages = Pager::cursor(HttpRequest::get("/contacts").query("limit", 100),
//                               "/paging/next/after", Pager::in_query("after"));
//   pages.items_at("/results").resume(saved);
//   while (true) {
//     auto page = pages.next(context);
//     if (!page.ok()) return page.error();
//     if (!*page) break;
//     for (const Json* item : (*page)->items()) …
//     RONDOM_TRY(out.checkpoint(stream, state_with(pages.position())));
//   }
//
// A list that never ends is ended: pages_max, empty_pages_max, a page that repeats the page before
// it, and a place that was read already are failures (Code::data). So is a page without the list
// that items_at() names: an answer of another shape is no end. Next links lead to the host of the
// first one only (Code::not_permitted). One thread at a time. JSON paths are JSON Pointers
// (RFC 6901).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detail/page_links.hpp"
#include "http.hpp"
#include "json_pointer.hpp"

namespace rondom {
inline namespace sdk_v1 {

/// Pages of one list that are followed.
inline constexpr std::uint64_t pages_max = 100'000;
/// Pages in a row that hold nothing and yet name a next one.
inline constexpr std::uint64_t empty_pages_max = 1'000;

struct Page {
  std::uint64_t number = 0;  // from 1, counted from where this Pager began
  std::string position;      // where it was asked for; empty = the first
  HttpReply reply;
  Json body;  // null when the body was streamed
  std::optional<std::string> items_at;

  /// The records: of a list, or of an object by id, which some systems write instead.
  std::vector<const Json*> items() const {
    std::vector<const Json*> found;
    const Json* list = items_at ? json_at(body, *items_at) : nullptr;
    if (list == nullptr) return found;
    for (const Json& item : list->items()) found.push_back(&item);
    for (const Json::Member& member : list->members()) found.push_back(&member.second);
    return found;
  }
};

class Pager {
 public:
  /// Where the next page begins; empty = this was the last one.
  using Find = std::function<Result<std::string>(const Page&)>;
  /// Writes that place into a request for it.
  using Apply = std::function<void(HttpRequest&, const std::string&)>;

  /// Any other way. `begin` is the place of the first page; empty = `first` as it is.
  Pager(HttpRequest first, Find find, Apply apply, std::string begin = {})
      : first_(std::move(first)),
        find_(std::move(find)),
        apply_(std::move(apply)),
        position_(std::move(begin)) {}

  /// A cursor or token at `pointer` of the body, text or number; the last page has none.
  static Pager cursor(HttpRequest first, std::string pointer, Apply apply) {
    return {std::move(first),
            [pointer = std::move(pointer)](const Page& page) -> Result<std::string> {
              return detail::place_text(json_at(page.body, pointer));
            },
            std::move(apply)};
  }
  /// The address of the next page at `pointer` of the body.
  static Pager next_link(HttpRequest first, std::string pointer) {
    return linked(std::move(first), [pointer = std::move(pointer)](const Page& page) {
      return detail::place_text(json_at(page.body, pointer));
    });
  }
  /// The address of the next page in the header Link with rel="next" (RFC 8288).
  static Pager link_header(HttpRequest first) {
    return linked(std::move(first), [](const Page& page) {
      return detail::linked_address(page.reply.headers, "next");
    });
  }
  /// offset_parameter=0&limit_parameter=page_size, then as many further as came. items_at() is
  /// needed; the end is an empty page (see also total_at, short_page_ends).
  static Pager offset(HttpRequest first, std::string offset_parameter,
                      std::string_view limit_parameter, std::uint64_t page_size) {
    first.query(limit_parameter, page_size);
    return counted(std::move(first), std::move(offset_parameter), "0", page_size, false);
  }
  /// page_parameter=1&size_parameter=page_size, then 2; the same ends.
  static Pager page_number(HttpRequest first, std::string page_parameter,
                           std::string_view size_parameter, std::uint64_t page_size,
                           std::uint64_t first_page = 1) {
    first.query(size_parameter, page_size);
    return counted(std::move(first), std::move(page_parameter), std::to_string(first_page),
                   page_size, true);
  }
  /// A place in a header of the reply, such as Sforce-Locator; "null" or none = the last.
  static Pager header(HttpRequest first, std::string header, Apply apply) {
    return {std::move(first),
            [header = std::move(header)](const Page& page) -> Result<std::string> {
              const std::string_view place = page.reply.header(header);
              return std::string(place == "null" ? std::string_view() : place);
            },
            std::move(apply)};
  }

  /// Apply: as a parameter of the address / as a text member of the JSON body.
  static Apply in_query(std::string name) {
    return [name = std::move(name)](HttpRequest& request, const std::string& place) {
      request.query(name, place);
    };
  }
  static Apply in_body(std::string member) {
    return [member = std::move(member)](HttpRequest& request, const std::string& place) {
      Result<Json> body = parse_json(request.body.empty() ? "{}" : request.body);
      if (body.ok()) request.body = body->set(member, Json::of(place)).to_text();
    };
  }

  /// Where the records are: gives Page::items(), and finds pages that repeat themselves.
  Pager& items_at(std::string pointer) {
    items_at_ = std::move(pointer);
    return *this;
  }
  /// Offset: how many there are in all, which saves the request for an empty page.
  Pager& total_at(std::string pointer) {
    total_at_ = std::move(pointer);
    return *this;
  }
  /// Offset and page number: fewer than page_size is the end. Only where the system promises pages
  /// of the size that was asked for.
  Pager& short_page_ends() {
    short_page_ends_ = true;
    return *this;
  }
  Pager& limit_pages(std::uint64_t pages, std::uint64_t empty_pages = empty_pages_max) {
    pages_max_ = pages;
    empty_pages_max_ = empty_pages;
    return *this;
  }
  /// Goes on at what position() said before; empty = from the beginning.
  Pager& resume(std::string position) {
    if (!position.empty()) position_ = std::move(position);
    return *this;
  }

  /// Where the next page begins, for a checkpoint. Empty before the first page and after the last.
  const std::string& position() const { return position_; }
  bool done() const { return done_; }

  /// Asks for the next page; nothing after the last.
  Result<std::optional<Page>> next(const Context& context) {
    if (done_) return std::optional<Page>();
    if (context.cancelled()) return Failure{Code::cancelled, "Stopped between two pages."};
    RONDOM_TRY(limits());
    Result<HttpReply> reply = context.fetch(request());
    if (!reply.ok()) return reply.error();
    Page page;
    Result<Json> body = reply->json();
    if (!body.ok()) return failure(body.error().message);
    page.body = std::move(*body);
    page.reply = std::move(*reply);
    RONDOM_TRY(took(page));
    return std::optional<Page>(std::move(page));
  }

  /// For bodies that are streamed: send this yourself, then say what came with accept().
  HttpRequest request() const {
    HttpRequest request = first_;
    if (!position_.empty()) apply_(request, position_);
    return request;
  }
  Status accept(const HttpReply& reply) {
    RONDOM_TRY(limits());
    Page page;
    page.reply.status = reply.status;
    page.reply.headers = reply.headers;
    return took(page);
  }

 private:
  static Pager linked(HttpRequest first, Find find) {
    Pager pager(std::move(first), std::move(find),
                [](HttpRequest& request, const std::string& address) { request.url = address; });
    pager.links_ = true;
    return pager;
  }
  static Pager counted(HttpRequest first, std::string parameter, std::string begin,
                       std::uint64_t page_size, bool by_page) {
    Pager pager(std::move(first), nullptr, in_query(std::move(parameter)), std::move(begin));
    pager.page_size_ = page_size;
    pager.by_page_ = by_page;
    return pager;
  }

  Failure failure(const std::string& what) const {
    return {Code::data, "Page " + std::to_string(number_ + 1) + ": " + what};
  }
  static std::string page(std::uint64_t number) { return "page " + std::to_string(number); }

  Status limits() const {
    if (number_ < pages_max_) return {};
    return {Code::data,
            "The list did not end after " + std::to_string(pages_max_) + " pages (pages_max)."};
  }

  Status took(Page& taken) {
    taken.items_at = items_at_;
    const Json* const list = json_at(taken.body, items_at_.value_or(""));
    const bool records = list != nullptr && (list->is_list() || list->is_object() ||
                                             (list->is_null() && list != &taken.body));
    if (items_at_ && !records) return failure("the answer has no list at \"" + *items_at_ + "\".");
    const std::size_t count = items_at_ ? list->items().size() + list->members().size() : 0;
    taken.position = position_;
    taken.number = ++number_;
    if (!taken.body.is_null()) {
      const std::size_t hash = std::hash<std::string>()(list->to_text());
      if (number_ > 1 && hash == last_hash_ && (count > 0 || !items_at_)) {
        return {Code::data, "The server's " + page(number_) + " repeats " + page(number_ - 1) +
                                ": it does not heed where the next page begins."};
      }
      last_hash_ = hash;
    }
    Result<std::string> next = find_ ? find_(taken) : counted_next(taken, count);
    if (next.ok() && links_ && !next->empty()) {
      next = detail::next_address(request().url, *next, origin_);
    }
    if (!next.ok()) return next.error();
    if (next->empty()) {
      done_ = true;
      position_.clear();
      return {};
    }
    empty_pages_ = items_at_ && count == 0 ? empty_pages_ + 1 : 0;
    if (empty_pages_ >= empty_pages_max_) {
      return {Code::data, "The server sent " + std::to_string(empty_pages_) +
                              " empty pages in a row and names another (empty_pages_max)."};
    }
    return go_to(std::move(*next));
  }

  /// A circle of any length is found with one place in memory (Brent's algorithm): the mark moves
  /// on at the first, second, fourth, eighth … page.
  Status go_to(std::string next) {
    if (next == mark_ && number_ >= mark_number_) {
      return {Code::data, "The server's " + page(number_) + " names " + page(mark_number_) +
                              " as the next: the list goes round."};
    }
    if (next == position_) {
      return {Code::data, "The server's " + page(number_) + " names itself as the next."};
    }
    position_ = std::move(next);
    if (number_ >= mark_number_ * 2 || mark_number_ == 0) {
      mark_ = position_;
      mark_number_ = number_ + 1;
    }
    return {};
  }

  Result<std::string> counted_next(const Page& taken, std::size_t count) const {
    if (!items_at_) return Failure{Code::internal, "Pager: say items_at() to count."};
    if (count == 0 || (short_page_ends_ && count < page_size_)) return std::string();
    std::uint64_t at = 0;
    const auto read = std::from_chars(position_.data(), position_.data() + position_.size(), at);
    if (read.ec != std::errc() || read.ptr != position_.data() + position_.size()) {
      return Failure{Code::state, "The saved place in the list is no number."};
    }
    const std::uint64_t next = at + (by_page_ ? 1 : count);
    if (const Json* total = total_at_ ? json_at(taken.body, *total_at_) : nullptr) {
      const std::string text = detail::place_text(total);
      std::uint64_t all = 0;
      const auto number = std::from_chars(text.data(), text.data() + text.size(), all);
      if (number.ec == std::errc() && !by_page_ && next >= all) return std::string();
    }
    return std::to_string(next);
  }

  HttpRequest first_;
  Find find_;
  Apply apply_;
  std::optional<std::string> items_at_, total_at_;
  std::uint64_t pages_max_ = pages_max, empty_pages_max_ = empty_pages_max, page_size_ = 0;
  bool links_ = false, by_page_ = false, short_page_ends_ = false, done_ = false;
  std::string position_, origin_, mark_;
  std::uint64_t number_ = 0, empty_pages_ = 0, mark_number_ = 0;
  std::size_t last_hash_ = 0;
};

}  // namespace sdk_v1
}  // namespace rondom
